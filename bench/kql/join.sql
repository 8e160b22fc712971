SELECT DeviceName, count()::Int64, max(Scripts)
FROM bench.DeviceEvents
INNER JOIN
(
    SELECT Computer, count()::Int64 AS Scripts
    FROM bench.SecurityEvent
    WHERE EventID = 4688 AND TimeGenerated >= '2026-01-08' AND TimeGenerated <= '2026-01-09'
      AND endsWith(lowerUTF8(NewProcessName), 'powershell.exe')
    GROUP BY Computer
) AS scripts ON DeviceName = scripts.Computer
WHERE ActionType = 'OpenProcessApiCall' AND TimeGenerated >= '2026-01-08' AND TimeGenerated <= '2026-01-09'
GROUP BY DeviceName

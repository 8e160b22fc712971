SELECT DeviceName, Opened, Scripts
FROM
(
    SELECT DeviceName, count()::Int64 AS Opened
    FROM bench.DeviceEvents
    WHERE ActionType = 'OpenProcessApiCall' AND TimeGenerated >= '2026-01-08' AND TimeGenerated <= '2026-01-09'
    GROUP BY DeviceName
) AS opened
INNER JOIN
(
    SELECT Computer, count()::Int64 AS Scripts
    FROM bench.SecurityEvent
    WHERE EventID = 4688 AND TimeGenerated >= '2026-01-08' AND TimeGenerated <= '2026-01-09'
      AND endsWith(lower(NewProcessName), 'powershell.exe')
    GROUP BY Computer
) AS scripts ON DeviceName = Computer

SELECT TargetUserName, Computer, count()::Int64 AS Failures
FROM bench.SecurityEvent
WHERE EventID = 4625 AND TimeGenerated >= '2026-01-06' AND TimeGenerated <= '2026-01-13'
GROUP BY TargetUserName, Computer
HAVING Failures > 5

SELECT TargetUserName, Computer, Failures, LastFailure, LogonTime, IpAddress
FROM
(
    SELECT TimeGenerated AS LogonTime, TargetUserName, Computer, IpAddress
    FROM bench.SecurityEvent
    WHERE EventID = 4624 AND TimeGenerated >= '2026-01-10' AND TimeGenerated <= '2026-01-11'
) AS logons
INNER JOIN
(
    SELECT TargetUserName, Computer, count()::Int64 AS Failures, max(TimeGenerated) AS LastFailure
    FROM bench.SecurityEvent
    WHERE EventID = 4625 AND TimeGenerated >= '2026-01-10' AND TimeGenerated <= '2026-01-11'
    GROUP BY TargetUserName, Computer
    HAVING Failures >= 2
) AS failed USING (TargetUserName, Computer)
WHERE LogonTime > LastFailure AND LogonTime < LastFailure + INTERVAL 2 HOUR

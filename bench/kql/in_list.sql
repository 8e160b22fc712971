SELECT TargetUserName, EventID, IpAddress, count()::Int64, max(TimeGenerated)
FROM bench.SecurityEvent
WHERE EventID IN (4624, 4625) AND TimeGenerated >= '2026-01-12'
  AND TargetUserName IN ('user7', 'user19', 'user42', 'user101', 'user222', 'user333', 'user512', 'user640', 'user777', 'user901', 'user1024', 'user1500', 'user1999')
GROUP BY TargetUserName, EventID, IpAddress

SELECT TargetUserName, max(TimeGenerated), argMax(Computer, TimeGenerated), argMax(IpAddress, TimeGenerated), argMax(LogonType, TimeGenerated)
FROM bench.SecurityEvent
WHERE EventID = 4624
GROUP BY TargetUserName

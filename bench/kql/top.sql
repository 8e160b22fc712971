SELECT TimeGenerated, Computer, Account, NewProcessName, CommandLine
FROM bench.SecurityEvent
WHERE EventID = 4688
ORDER BY TimeGenerated DESC
LIMIT 100

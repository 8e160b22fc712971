SELECT Computer, count()::Int64
FROM bench.SecurityEvent
WHERE EventID = 4688 AND positionCaseInsensitive(CommandLine, 'encodedcommand') > 0
GROUP BY Computer

SELECT toDateTime64(toStartOfDay(TimeGenerated), 7, 'UTC') AS Day, LogonType, uniqExact(TargetUserName)::Int64, uniqExact(Computer)::Int64, count()::Int64
FROM bench.SecurityEvent
WHERE EventID = 4624
GROUP BY Day, LogonType

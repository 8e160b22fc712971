SELECT toDateTime64(toStartOfDay(TimeGenerated), 7, 'UTC') AS Day, LogonType, uniqCombined64(17)(TargetUserName)::Int64, uniqCombined64(17)(Computer)::Int64, count()::Int64
FROM bench.SecurityEvent
WHERE EventID = 4624
GROUP BY Day, LogonType

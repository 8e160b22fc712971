SELECT toDateTime64(toStartOfHour(TimeGenerated), 7, 'UTC') AS Hour, EventID, count()::Int64
FROM bench.SecurityEvent
WHERE EventID IN (4624, 4625, 4768) AND TimeGenerated >= '2026-01-05' AND TimeGenerated <= '2026-01-12'
GROUP BY Hour, EventID
ORDER BY Hour, EventID

SELECT ActionType, arrayJoin(JSONExtract(assumeNotNull(AdditionalFields), 'Flags', 'Array(String)')) AS Flag, count()::Int64
FROM bench.DeviceEvents
WHERE TimeGenerated >= '2026-01-12'
GROUP BY ActionType, Flag

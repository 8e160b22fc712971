SELECT
    toDateTime64(toStartOfDay(TimeGenerated), 7, 'UTC') AS Day,
    splitByChar('\\', Account)[1] AS Domain,
    multiIf(LogonType = 2, 'interactive', LogonType = 3, 'network', LogonType = 10, 'remote', 'other') AS Kind,
    multiIf(startsWith(IpAddress, '10.1.'), 'servers', startsWith(IpAddress, '10.2.'), 'offices', 'elsewhere') AS Network,
    count()::Int64,
    uniqCombined64(17)(TargetUserName)::Int64
FROM bench.SecurityEvent
WHERE EventID = 4624 AND TimeGenerated >= '2026-01-07' AND TimeGenerated <= '2026-01-10'
GROUP BY Day, Domain, Kind, Network

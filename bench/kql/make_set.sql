SELECT TargetUserName, toJSONString(arraySort(groupUniqArray(Computer)))
FROM bench.SecurityEvent
WHERE EventID = 4624 AND TimeGenerated >= '2026-01-15'
GROUP BY TargetUserName

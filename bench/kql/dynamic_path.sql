SELECT DeviceName, JSONExtractString(AdditionalFields, 'Process', 'Integrity') AS Integrity, count()::Int64
FROM bench.DeviceEvents
WHERE JSONExtractString(AdditionalFields, 'Process', 'Name') = 'lsass.exe'
  AND JSONExtract(AdditionalFields, 'Process', 'Id', 'Nullable(Int32)') < 3000
GROUP BY DeviceName, Integrity

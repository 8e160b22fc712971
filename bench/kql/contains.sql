SELECT Computer, count()::Int64
FROM bench.SecurityEvent
WHERE EventID = 4688 AND lowerUTF8(if(isValidASCII(CommandLine), CommandLine, replaceRegexpAll(CommandLine, '[^\\x00-\\x7F\\p{L}\\p{N}]', ' '))) LIKE '%encodedcommand%'
GROUP BY Computer

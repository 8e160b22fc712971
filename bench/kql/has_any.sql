SELECT Computer, count()::Int64, min(TimeGenerated)
FROM bench.SecurityEvent
WHERE hasAnyTokens(lowerUTF8(if(isValidASCII(CommandLine), CommandLine, replaceRegexpAll(CommandLine, '[^\\x00-\\x7F\\p{L}\\p{N}]', ' '))), ['mimikatz', 'procdump64', 'minidump', 'sekurlsa'])
GROUP BY Computer

SELECT TimeGenerated, Computer, Account, CommandLine
FROM bench.SecurityEvent
WHERE hasAllTokens(lowerUTF8(if(isValidASCII(CommandLine), CommandLine, replaceRegexpAll(CommandLine, '[^\\x00-\\x7F\\p{L}\\p{N}]', ' '))), ['minidump'])

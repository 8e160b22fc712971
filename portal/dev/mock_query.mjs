// SPDX-License-Identifier: Apache-2.0
// Answers the few KQL shapes that the portal's developers and browser tests ask: range, print, and tables with take, summarize
// and render. Anything else is refused with a position, as the real compiler would.
import { hostile, now, tables } from "./fixtures.mjs";

const values = {
  datetime: (i) => new Date(now - i * 47_000).toISOString().replace("Z", "0000Z"),
  int: (i) => [4624, 4688, 4625, 7045][i % 4],
  long: (i) => 1000 + i * 17,
  dynamic: (i) => ({ browser: "Edge", trusted: i % 3 === 0, risk: { level: ["none", "low", "high"][i % 3], signals: ["new country", "new device"].slice(0, i % 3) } }),
};
const words = {
  Computer: ["WS-0142", "SRV-DC01", "LAP-ESTELLE"], DeviceName: ["WS-0142", "SRV-FILE01"], Account: ["CONTOSO\\e.roux", "CONTOSO\\svc-backup"], UserPrincipalName: ["estelle.roux@contoso.example", "p.haddad@contoso.example"],
  IPAddress: ["203.0.113.45", "10.4.2.19"], Activity: ["4624 - An account was successfully logged on.", "4688 - A new process has been created."],
  CommandLine: ["powershell -nop -w hidden -enc SQBFAFgA", "cmd.exe /c whoami /all", hostile], ProcessCommandLine: ["rundll32.exe comsvcs.dll, MiniDump 624 lsass.dmp full", "net group \"Domain Admins\" /domain", hostile],
};
const cell = (column, i) => values[column.type]?.(i) ?? (words[column.name] ? words[column.name][i % words[column.name].length] : i % 4 === 0 ? "" : `${column.name.toLowerCase()} ${i % 13}`);

class QueryError extends Error {
  constructor(code, message, query, word) {
    super(message);
    this.code = code;
    const at = Math.max(0, query.search(new RegExp(`\\b${word}\\b`)));
    const before = query.slice(0, at).split("\n");
    this.line = before.length;
    this.column = before.at(-1).length + 1;
  }
}

function renderOf(query) {
  const match = /\|\s*render\s+(\w+)(?:\s+with\s*\((.*)\))?/.exec(query);
  if (!match) return undefined;
  const title = /title\s*=\s*["']([^"']*)/.exec(match[2] ?? "")?.[1];
  return { kind: match[1], ...(title ? { title } : {}) };
}

function rangeRows(query) {
  const [, name, from, to] = /^\s*range\s+(\w+)\s+from\s+(\d+)\s+to\s+(\d+)/.exec(query);
  const extended = [...query.matchAll(/\|\s*extend\s+(.+)/g)].flatMap((m) => [...m[1].matchAll(/(\w+)\s*=\s*(datetime|strcat|dynamic|\w+)/g)]);
  const columns = [{ name, type: "long" }, ...extended.map(([, extra, how]) => ({ name: extra, type: how === "datetime" ? "datetime" : how === "strcat" ? "string" : how === "dynamic" ? "dynamic" : "long" }))];
  const rows = [];
  for (let n = Number(from); n <= Number(to); n++)
    rows.push(columns.map((column, i) => (i === 0 ? n : column.type === "datetime" ? new Date(Date.UTC(2024, 0, 1) + n * 60_000).toISOString().replace("Z", "0000Z") : column.type === "string" ? `row ${n}` : column.type === "dynamic" ? { list: [1, 2, { deep: true }], n } : n * n)));
  return { columns, rows };
}

function tableRows(query, maxRows) {
  const name = /^\s*(?:\/\/[^\n]*\n\s*)*(\w+)/.exec(query)?.[1] ?? "";
  const table = tables.find((entry) => entry.name === name);
  if (!table) throw new QueryError("KQL-0040", `there is no table or function named '${name}'`, query, name);
  for (const [, column] of query.matchAll(/\|\s*where\s+(\w+)\b/g))
    if (!table.columns.some((entry) => entry.name === column) && !/^(not|isnull|isnotnull|isempty|isnotempty|Hits)$/.test(column)) throw new QueryError("KQL-0041", `'${name}' has no column named '${column}'`, query, column);
  const binned = /summarize\s+(?:(\w+)\s*=\s*)?count\(\)\s*by\s+(?:bin\(TimeGenerated[^)]*\)|(\w+))(?:\s*,\s*(\w+))?/.exec(query);
  if (binned) {
    const [, given, by, split] = binned;
    const count = given ?? "count_";
    if (by) return { columns: [{ name: by, type: "string" }, { name: count, type: "long" }], rows: ["WS-0142", "SRV-DC01", "SRV-FILE01", "LAP-ESTELLE"].map((host, i) => [host, 400 - i * 83]) };
    const parts = split ? ["4624", "4688", "4625"] : [undefined];
    const columns = [{ name: "TimeGenerated", type: "datetime" }, ...(split ? [{ name: split, type: "string" }] : []), { name: count, type: "long" }];
    return { columns, rows: Array.from({ length: 24 }, (_, i) => parts.map((part, k) => [new Date(now - (24 - i) * 3_600_000).toISOString().replace("Z", "0000Z"), ...(split ? [part] : []), Math.round(300 + 200 * Math.sin(i / 3 + k) + k * 90)])).flat() };
  }
  const taken = Math.min(maxRows, Number(/\|\s*(?:take|limit)\s+(\d+)/.exec(query)?.[1] ?? 5000));
  return { columns: table.columns, rows: Array.from({ length: taken }, (_, i) => table.columns.map((column) => cell(column, i))) };
}

export function answer({ query, maxRows = 10_000, queryId }) {
  const started = performance.now();
  let found;
  if (/^\s*range\s/.test(query)) found = rangeRows(query);
  else if (/^\s*print\s/.test(query)) {
    const [, name, shown] = /^\s*print\s+(\w+)\s*=\s*@?['"](.*)['"]\s*$/s.exec(query) ?? [undefined, "print_0", "1"];
    found = { columns: [{ name, type: "string" }], rows: [[shown.replace(/\\(["'])/g, "$1")]] };
  } else if (/^\s*search\s/.test(query)) found = { columns: [{ name: "$table", type: "string" }, { name: "Events", type: "long" }], rows: [["SecurityEvent", 42], ["SigninLogs", 7]] };
  else found = tableRows(query, maxRows);
  const rows = found.rows.slice(0, maxRows);
  const render = renderOf(query);
  return {
    queryId: queryId ?? "00000000-0000-4000-8000-000000000000", columns: found.columns, rows, warnings: [], truncated: rows.length < found.rows.length, ...(render ? { render } : {}),
    statistics: { elapsedMs: performance.now() - started + 12, rows: rows.length, rowsRead: rows.length * 61, bytesRead: rows.length * 5400 },
  };
}

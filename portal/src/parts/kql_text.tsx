// SPDX-License-Identifier: Apache-2.0
// A query to read, not to edit: a few colours without loading the editor.
import type { ReactNode } from "react";

const pattern = /(\/\/[^\n]*)|("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|@"[^"]*"|@'[^']*')|\b(\d+(?:\.\d+)?(?:ms|[dhms])?)\b|(?<=\|\s*)([a-z][a-z-]*)|\b(by|on|and|or|in|has|has_any|has_all|contains|startswith|endswith|matches regex|between|let|asc|desc|kind|ago|true|false|null|where)\b/g;

export function KqlText({ query }: { query: string }) {
  const parts: ReactNode[] = [];
  let at = 0;
  for (const match of query.matchAll(pattern)) {
    if (match.index > at) parts.push(query.slice(at, match.index));
    const kind = match[1] ? "comment" : match[2] ? "string" : match[3] ? "number" : match[4] ? "operator" : "word";
    parts.push(
      <span key={match.index} className={`kql-${kind}`}>
        {match[0]}
      </span>,
    );
    at = match.index + match[0].length;
  }
  parts.push(query.slice(at));
  return <pre className="kql" tabIndex={0}>{parts}</pre>;
}

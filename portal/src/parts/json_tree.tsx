// SPDX-License-Identifier: Apache-2.0
// A JSON value as a tree that opens by click or key. Everything is text.
import { useState } from "react";

function Leaf({ value }: { value: unknown }) {
  const kind = value === null ? "null" : typeof value;
  return <span className={`json-${kind}`}>{kind === "string" ? `"${value as string}"` : String(value)}</span>;
}

function Node({ name, value, open }: { name?: string; value: unknown; open: boolean }) {
  const [shown, setShown] = useState(open);
  const [limit, setLimit] = useState(200);
  const label = name !== undefined && <span className="json-name">{name}: </span>;
  if (value === null || typeof value !== "object")
    return (
      <div className="json-line">
        {label}
        <Leaf value={value} />
      </div>
    );
  const entries = Object.entries(value);
  const brackets = Array.isArray(value) ? "[]" : "{}";
  if (entries.length === 0)
    return (
      <div className="json-line">
        {label}
        {brackets}
      </div>
    );
  return (
    <div className="json-node">
      <button type="button" className="json-toggle" aria-expanded={shown} onClick={() => setShown(!shown)}>
        <span aria-hidden="true">{shown ? "▾" : "▸"}</span> {label}
        <span className="quiet">{Array.isArray(value) ? `[${entries.length}]` : `{${entries.length}}`}</span>
      </button>
      {shown && (
        <div className="json-children">
          {entries.slice(0, limit).map(([key, child]) => (
            <Node key={key} name={key} value={child} open={false} />
          ))}
          {entries.length > limit && (
            <button type="button" className="json-toggle" onClick={() => setLimit(limit + 1000)}>
              +{entries.length - limit}
            </button>
          )}
        </div>
      )}
    </div>
  );
}

export function JsonTree({ value, open = true }: { value: unknown; open?: boolean }) {
  return (
    <div className="json">
      <Node value={value} open={open} />
    </div>
  );
}

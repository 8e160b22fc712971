// SPDX-License-Identifier: Apache-2.0
// All values of one row, with what can be done with each.
import { Button, Input } from "@fluentui/react-components";
import { DismissRegular, FilterAddRegular, FilterDismissRegular, SearchRegular } from "@fluentui/react-icons";
import { useState } from "react";
import type { QueryResult } from "@/api/types";
import { usePreferences } from "@/app/preferences";
import { CopyButton } from "@/parts/copy_block";
import { JsonTree } from "@/parts/json_tree";
import { text } from "@/text";
import { cellText, filterLine } from "./cell_text";

interface Props {
  result: QueryResult;
  row: number;
  addLine: (line: string) => void;
  close: () => void;
}

// Text in a log often is JSON itself; then it is shown as a tree as well.
function parsed(value: unknown): unknown {
  if (typeof value === "object") return value;
  if (typeof value !== "string" || !/^\s*[[{]/.test(value) || value.length > 200_000) return undefined;
  try {
    return JSON.parse(value);
  } catch {
    return undefined; // Only looked like JSON.
  }
}

export function RowDetails({ result, row, addLine, close }: Props) {
  const { utc } = usePreferences();
  const [search, setSearch] = useState("");
  const needle = search.toLowerCase();
  const values = result.rows[row];
  const entries = result.columns
    .map((column, i) => ({ column, value: values[i], shown: cellText(values[i], column.type, utc) }))
    .filter(({ column, shown }) => shown !== "" && (!needle || column.name.toLowerCase().includes(needle) || shown.toLowerCase().includes(needle)));
  return (
    <aside className="row-details" aria-label={text.logs.row}>
      <header className="row">
        <Input className="grow" size="small" contentBefore={<SearchRegular />} aria-label={text.logs.findInRow} placeholder={text.logs.findInRow} value={search} onChange={(_, data) => setSearch(data.value)} />
        <CopyButton label={text.logs.copyRow} content={JSON.stringify(Object.fromEntries(result.columns.map((column, i) => [column.name, values[i]])), null, 2)} />
        <Button size="small" appearance="subtle" icon={<DismissRegular />} aria-label={text.dialog.close} onClick={close} />
      </header>
      <dl>
        {entries.map(({ column, value, shown }) => {
          const tree = parsed(value);
          return (
            <div key={column.name}>
              <dt>
                <span className="grow break">{column.name} <span className="quiet small">{column.type}</span></span>
                <span className="row-actions">
                  <Button size="small" appearance="subtle" icon={<FilterAddRegular />} aria-label={text.logs.keepValue(column.name)} title={text.logs.keepValue(column.name)} onClick={() => addLine(filterLine(column.name, value, column.type, true))} />
                  <Button size="small" appearance="subtle" icon={<FilterDismissRegular />} aria-label={text.logs.dropValue(column.name)} title={text.logs.dropValue(column.name)} onClick={() => addLine(filterLine(column.name, value, column.type, false))} />
                  <CopyButton content={shown} />
                </span>
              </dt>
              <dd>{tree !== undefined && tree !== null ? <JsonTree value={tree} /> : shown}</dd>
            </div>
          );
        })}
      </dl>
    </aside>
  );
}

// SPDX-License-Identifier: Apache-2.0
// Tables of the workspace, those with data first; a click on a name puts it into the query.
import { Button, Checkbox, Input } from "@fluentui/react-components";
import { ChevronDownRegular, ChevronRightRegular, SearchRegular } from "@fluentui/react-icons";
import { useMemo, useState } from "react";
import type { Loaded } from "@/api/load";
import type { KqlSchema } from "@/api/types";
import { Show } from "@/parts/states";
import { text } from "@/text";

const shownTables = 150;

function Tables({ schema, insert }: { schema: KqlSchema; insert: (words: string) => void }) {
  const [search, setSearch] = useState("");
  const hasAny = schema.tables.some((table) => table.hasData);
  const [withData, setWithData] = useState(hasAny);
  const [open, setOpen] = useState<string>();
  const found = useMemo(() => {
    const needle = search.toLowerCase();
    const all = schema.tables.filter((table) => (needle ? table.name.toLowerCase().includes(needle) : !withData || table.hasData));
    return all.sort((a, b) => Number(b.hasData ?? false) - Number(a.hasData ?? false) || a.name.localeCompare(b.name));
  }, [schema, search, withData]);
  return (
    <>
      <Input size="small" contentBefore={<SearchRegular />} aria-label={text.logs.findTable} placeholder={text.logs.findTable} value={search} onChange={(_, data) => setSearch(data.value)} />
      {hasAny && !search && <Checkbox label={text.logs.withData} checked={withData} onChange={(_, data) => setWithData(data.checked === true)} />}
      <ul className="schema-list">
        {found.slice(0, shownTables).map((table) => (
          <li key={table.name}>
            <div className="schema-table">
              <Button size="small" appearance="subtle" aria-expanded={open === table.name} aria-label={text.logs.showColumns(table.name)} icon={open === table.name ? <ChevronDownRegular /> : <ChevronRightRegular />} onClick={() => setOpen(open === table.name ? undefined : table.name)} />
              <button type="button" className={table.hasData ? "schema-name" : "schema-name quiet"} title={table.description ?? table.name} onClick={() => insert(table.name)}>{table.name}</button>
            </div>
            {open === table.name && (
              <ul className="schema-columns">
                {table.columns.map((column) => (
                  <li key={column.name}>
                    <button type="button" className="schema-name" title={column.description ?? column.name} onClick={() => insert(column.name)}>{column.name}</button>
                    <span className="quiet small">{column.type}</span>
                  </li>
                ))}
              </ul>
            )}
          </li>
        ))}
        {found.length > shownTables && <li className="quiet small">{text.logs.moreTables(found.length - shownTables)}</li>}
        {found.length === 0 && <li className="quiet small">{text.logs.noTable}</li>}
        {schema.functions.length > 0 && <li className="schema-part">{text.logs.functions}</li>}
        {schema.functions.filter((entry) => entry.name.toLowerCase().includes(search.toLowerCase())).slice(0, 60).map((entry) => (
          <li key={entry.name} className="schema-table">
            <button type="button" className="schema-name" title={entry.description ?? entry.name} onClick={() => insert(`${entry.name}()`)}>{entry.name}()</button>
          </li>
        ))}
      </ul>
    </>
  );
}

export function SchemaTree({ schema, insert }: { schema: Loaded<KqlSchema>; insert: (words: string) => void }) {
  return <Show of={schema}>{(data) => <Tables schema={data} insert={insert} />}</Show>;
}

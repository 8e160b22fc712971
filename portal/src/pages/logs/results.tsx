// SPDX-License-Identifier: Apache-2.0
// Below the editor: what came back, as a grid or a chart, or why nothing did.
import { Button, Menu, MenuItemCheckbox, MenuList, MenuPopover, MenuTrigger, Select, Spinner, Tab, TabList } from "@fluentui/react-components";
import { ArrowDownloadRegular, ColumnTripleRegular, WarningRegular } from "@fluentui/react-icons";
import { useEffect, useMemo, useState } from "react";
import type { QueryResult, Render } from "@/api/types";
import { useUrl } from "@/app/url_state";
import { formatBytes, formatMilliseconds, formatNumber } from "@/parts/format";
import { Empty, Failure } from "@/parts/states";
import { text } from "@/text";
import { isNumeric } from "./cell_text";
import { chartKinds } from "./chart_option";
import { download, toCsv } from "./csv";
import { ResultChart } from "./result_chart";
import { ResultGrid } from "./result_grid";
import { emptyColumns, orderOf, type Sorting } from "./result_view";
import { RowDetails } from "./row_details";
import type { QueryRun } from "./use_query";

const manyColumns = 12;

function ColumnMenu({ result, hidden, setHidden }: { result: QueryResult; hidden: Set<number>; setHidden: (hidden: Set<number>) => void }) {
  const shown = result.columns.map((_, i) => String(i)).filter((i) => !hidden.has(Number(i)));
  return (
    <Menu checkedValues={{ column: shown }} onCheckedValueChange={(_, data) => setHidden(new Set(result.columns.map((_, i) => i).filter((i) => !data.checkedItems.includes(String(i)))))}>
      <MenuTrigger disableButtonEnhancement>
        <Button size="small" appearance="subtle" icon={<ColumnTripleRegular />} className="icon-on-narrow">
          {hidden.size ? text.logs.columnsOf(shown.length, result.columns.length) : text.logs.columns}
        </Button>
      </MenuTrigger>
      <MenuPopover>
        <MenuList className="filter-menu">
          {result.columns.map((column, i) => (
            <MenuItemCheckbox key={i} name="column" value={String(i)} persistOnClick>{column.name}</MenuItemCheckbox>
          ))}
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}

function Found({ workspace, result, addLine }: { workspace: string; result: QueryResult; addLine: (line: string) => void }) {
  const [url, setUrl] = useUrl();
  const [sorting, setSorting] = useState<Sorting>();
  const [openRow, setOpenRow] = useState<number>();
  const [hidden, setHidden] = useState<Set<number>>(new Set());
  const [kind, setKind] = useState<Render["kind"]>();
  useEffect(() => {
    setSorting(undefined);
    setOpenRow(undefined);
    setKind(undefined);
    setHidden(result.columns.length > manyColumns && result.rows.length > 0 ? emptyColumns(result) : new Set());
  }, [result]);
  const order = useMemo(() => orderOf(result, sorting), [result, sorting]);
  const shown = useMemo(() => result.columns.map((_, i) => i).filter((i) => !hidden.has(i)), [result, hidden]);
  const drawable = (result.render && result.render.kind !== "table") || result.columns.some((column) => isNumeric(column.type));
  const rendered = result.render && result.render.kind !== "table" ? result.render : undefined;
  const view = url.get("view") ?? (rendered ? "chart" : "table");
  const render: Render = useMemo(() => ({ ...(rendered ?? { kind: result.columns.some((c) => c.type === "datetime") ? "timechart" : "columnchart" }), ...(kind ? { kind } : {}) }), [rendered, kind, result]);
  const sort = (column: number) =>
    setSorting((old) => (old?.column !== column ? { column, descending: false } : old.descending ? undefined : { column, descending: true }));
  const { statistics } = result;
  const isChart = view === "chart" && drawable;
  return (
    <>
      <div className="result-bar">
        <TabList size="small" selectedValue={isChart ? "chart" : "table"} onTabSelect={(_, data) => setUrl({ view: String(data.value) === (rendered ? "chart" : "table") ? undefined : String(data.value) })}>
          <Tab value="table">{text.logs.results}</Tab>
          <Tab value="chart" disabled={!drawable}>{text.logs.chart}</Tab>
        </TabList>
        <span className="quiet small number result-numbers" data-testid="result-numbers">
          {text.logs.numbers(formatNumber(statistics.rows), formatMilliseconds(statistics.elapsedMs))}
          <span className="wide-only"> · {text.logs.read(formatNumber(statistics.rowsRead), formatBytes(statistics.bytesRead))}</span>
        </span>
        <span className="grow" />
        {isChart ? (
          <Select size="small" aria-label={text.logs.chartKind} value={render.kind} onChange={(_, data) => setKind(data.value as Render["kind"])}>
            {[...new Set([render.kind, ...chartKinds])].map((name) => <option key={name} value={name}>{text.chart[name] ?? name}</option>)}
          </Select>
        ) : (
          <ColumnMenu result={result} hidden={hidden} setHidden={setHidden} />
        )}
        <Button
          size="small"
          appearance="subtle"
          icon={<ArrowDownloadRegular />}
          className="icon-on-narrow"
          onClick={() => download(`${workspace}-${new Date().toISOString().replace(/[:.]/g, "-")}.csv`, toCsv(result.columns, result.rows, order))}
        >
          {text.logs.csv}
        </Button>
      </div>
      {(result.truncated || result.warnings.length > 0) && (
        <div className="result-warnings small">
          <WarningRegular aria-hidden="true" />
          <span>{[...(result.truncated ? [text.logs.truncated(formatNumber(result.rows.length))] : []), ...result.warnings.map((warning) => `${warning.code} ${text.logs.at(warning.line, warning.column)}: ${warning.message}`)].join(" · ")}</span>
        </div>
      )}
      {isChart ? (
        <ResultChart result={result} render={render} />
      ) : result.rows.length === 0 ? (
        <Empty title={text.logs.noRows}>{text.logs.noRowsHint}</Empty>
      ) : (
        <div className="result-split">
          <ResultGrid result={result} order={order} shown={shown} sorting={sorting} onSort={sort} openRow={openRow} onOpen={setOpenRow} />
          {openRow !== undefined && <RowDetails result={result} row={openRow} addLine={addLine} close={() => setOpenRow(undefined)} />}
        </div>
      )}
    </>
  );
}

export function Results({ workspace, query, addLine }: { workspace: string; query: QueryRun; addLine: (line: string) => void }) {
  const { running, failure, result, cancelled } = query;
  return (
    <section className="results" aria-label={text.logs.results} aria-busy={running}>
      {running ? (
        <div className="state-page"><Spinner size="small" label={text.logs.running} /></div>
      ) : failure ? (
        failure.line ? (
          <div className="query-error" role="alert" data-failure={failure.code}>
            <strong>{text.logs.errorAt(failure.code, failure.line, failure.column ?? 1)}</strong>
            <p>{failure.message}</p>
          </div>
        ) : (
          <Failure failure={failure} />
        )
      ) : result ? (
        <Found workspace={workspace} result={result} addLine={addLine} />
      ) : (
        <Empty title={cancelled ? text.logs.cancelled : text.logs.start}>{cancelled ? "" : text.logs.startHint}</Empty>
      )}
    </section>
  );
}

// SPDX-License-Identifier: Apache-2.0
import { call } from "@/api/client";
import { useLoad } from "@/api/load";
import type { RuleRun } from "@/api/types";
import { DataTable, type TableColumn } from "@/parts/data_table";
import { formatMilliseconds, formatNumber } from "@/parts/format";
import { StateMark } from "@/parts/marks";
import { Empty, Show } from "@/parts/states";
import { TimeText } from "@/parts/time_text";
import { text } from "@/text";

const columns: TableColumn<RuleRun>[] = [
  { id: "state", header: text.run.state, width: "120px", cell: (row) => <StateMark state={row.state} title={row.error} /> },
  {
    id: "window", header: text.run.window, role: "title",
    cell: (row) => (
      <span>
        <TimeText time={row.windowStart} seconds={false} /> – <TimeText time={row.windowEnd} seconds={false} />
        {row.error && <span className="quiet small block break">{row.error}</span>}
      </span>
    ),
  },
  { id: "start", header: text.run.started, width: "110px", cell: (row) => <TimeText time={row.startTime} ago /> },
  { id: "duration", header: text.run.duration, width: "84px", align: "right", cell: (row) => formatMilliseconds(row.durationMs) },
  { id: "read", header: text.run.read, width: "100px", align: "right", role: "wide", cell: (row) => (row.rowsRead === undefined ? "–" : formatNumber(row.rowsRead)) },
  { id: "rows", header: text.run.rows, width: "70px", align: "right", cell: (row) => (row.rows === undefined ? "–" : formatNumber(row.rows)) },
  { id: "alerts", header: text.run.alerts, width: "76px", align: "right", cell: (row) => formatNumber(row.alerts) },
];

export function RuleRuns({ workspace, id, round }: { workspace: string; id: string; round: number }) {
  const runs = useLoad(`${workspace} ${id} ${round}`, (signal) => call("get", "/api/workspaces/{workspace}/rules/{rule}/runs", { path: { workspace, rule: id }, query: { limit: 100 }, signal }));
  return <Show of={runs}>{(data) => (data.items.length === 0 ? <Empty title={text.run.none}>{text.run.noneHint}</Empty> : <DataTable label={text.rule.runs} columns={columns} rows={data.items} rowKey={(row) => row.id} />)}</Show>;
}

// SPDX-License-Identifier: Apache-2.0
// Where events come from, whether they still do, and what was turned away.
import { Button } from "@fluentui/react-components";
import { AddRegular } from "@fluentui/react-icons";
import { useCallback, useState } from "react";
import { Link } from "react-router";
import { call } from "@/api/client";
import { useLive } from "@/api/live";
import { useLoad } from "@/api/load";
import type { IngestStatus, Source, SourceState } from "@/api/types";
import { listOf, logsLink, useUrl, useWorkspace } from "@/app/url_state";
import { DataTable, type TableColumn } from "@/parts/data_table";
import { ChoiceFilter, SearchFilter } from "@/parts/filters";
import { formatBytes, formatCompact, formatNumber, formatSeconds } from "@/parts/format";
import { StateMark } from "@/parts/marks";
import { Card, Facts, Page } from "@/parts/page";
import { Empty, Show } from "@/parts/states";
import { TimeText } from "@/parts/time_text";
import { text } from "@/text";
import { ConnectGuide } from "./connect_guide";
import "./sources.css";

const states: SourceState[] = ["Healthy", "Silent", "Rejecting", "Waiting"];

const columns = (workspace: string): TableColumn<Source>[] => [
  { id: "state", header: text.source.state, sort: "state", width: "120px", cell: (row) => <StateMark state={row.state} /> },
  {
    id: "name", header: text.source.name, sort: "displayName", role: "title",
    cell: (row) => (
      <div className="source-name">
        <span>{row.displayName}</span>
        <span className="quiet small">{text.sourceKind[row.kind] ?? row.kind}</span>
      </div>
    ),
  },
  {
    id: "tables", header: text.source.tables,
    cell: (row) => (
      <span className="tags">
        {row.tables.slice(0, 4).map((table) => <Link key={table} className="tag" to={logsLink(workspace, `${table}\n| take 100`, "P1D")}>{table}</Link>)}
        {row.tables.length > 4 && <span className="quiet" title={row.tables.slice(4).join(", ")}>+{row.tables.length - 4}</span>}
      </span>
    ),
  },
  { id: "last", header: text.source.lastEvent, sort: "lastEventTime", width: "110px", cell: (row) => <TimeText time={row.lastEventTime} ago /> },
  { id: "rate", header: text.source.rate, sort: "eventsPerSecond", width: "90px", align: "right", cell: (row) => (row.eventsPerSecond < 10 ? row.eventsPerSecond.toFixed(1) : formatCompact(Math.round(row.eventsPerSecond))) },
  { id: "day", header: text.source.lastDay, sort: "eventsLastDay", width: "100px", align: "right", cell: (row) => formatCompact(row.eventsLastDay) },
  { id: "bytes", header: text.source.volume, sort: "bytesLastDay", width: "100px", align: "right", role: "wide", cell: (row) => (row.bytesLastDay === undefined ? "–" : formatBytes(row.bytesLastDay)) },
  { id: "rejected", header: text.source.rejected, sort: "rejectedLastDay", width: "100px", align: "right", cell: (row) => <span className={row.rejectedLastDay ? "rejected" : "quiet"}>{formatNumber(row.rejectedLastDay)}</span> },
];

function Ingest({ status }: { status: IngestStatus }) {
  const t = text.ingest;
  return (
    <Card title={t.title} aside={<StateMark state={status.state} title={status.message} />}>
      {status.message && <p className="quiet ingest-message">{status.message}</p>}
      <div className="ingest-facts">
        <Facts
          items={[
            [t.rate, t.perSecond(status.eventsPerSecond < 10 ? status.eventsPerSecond.toFixed(1) : formatNumber(Math.round(status.eventsPerSecond)))],
            [t.acknowledged, formatNumber(status.acknowledgedEvents)],
            [t.inserted, formatNumber(status.insertedEvents)],
            [t.waiting, `${formatBytes(status.logBytes)} · ${t.batches(status.logBatches)}`],
            [t.oldest, status.logBatches ? formatSeconds(status.oldestSeconds) : "–"],
          ]}
        />
      </div>
    </Card>
  );
}

function Rejects({ sources }: { sources: Source[] }) {
  const rejecting = sources.filter((source) => source.lastReject);
  if (rejecting.length === 0) return null;
  return (
    <Card title={text.sources.rejects}>
      <ul className="rejects">
        {rejecting.map((source) => (
          <li key={source.id}>
            <div className="row">
              <strong>{source.displayName}</strong>
              <span className="quiet small"><TimeText time={source.lastReject!.time} ago /></span>
            </div>
            <p className="break">{source.lastReject!.reason}</p>
            {source.lastReject!.sample && <pre tabIndex={0}>{source.lastReject!.sample}</pre>}
          </li>
        ))}
      </ul>
    </Card>
  );
}

export default function SourcesPage() {
  const workspace = useWorkspace();
  const [url, setUrl] = useUrl();
  const [guide, setGuide] = useState(false);
  const sort = url.get("sort") ?? "-eventsLastDay";
  const filter = { state: url.get("state") ?? "", search: url.get("search") ?? "" };
  const list = useLoad(JSON.stringify([workspace, filter, sort]), (signal) => call("get", "/api/workspaces/{workspace}/sources", { path: { workspace }, query: { ...filter, sort, limit: 1000 }, signal }));
  const ingest = useLoad(workspace, (signal) => call("get", "/api/workspaces/{workspace}/ingest", { path: { workspace }, signal }));
  useLive(workspace, ["health"], () => {
    list.reload();
    ingest.reload();
  });
  const search = useCallback((value: string) => setUrl({ search: value }), [setUrl]);
  const isFiltered = Object.values(filter).some(Boolean);
  const isEmpty = list.data?.items.length === 0 && !isFiltered;
  return (
    <Page title={text.nav.sources} lead={list.data?.total != null && text.sources.count(list.data.total)} actions={!isEmpty && <Button icon={<AddRegular />} appearance="primary" aria-expanded={guide} onClick={() => setGuide(!guide)}>{text.connect.action}</Button>}>
      {(guide || isEmpty) && <ConnectGuide workspace={workspace} />}
      <Show of={ingest}>{(data) => <Ingest status={data} />}</Show>
      {!isEmpty && (
        <>
          <div className="filters">
            <SearchFilter label={text.sources.search} value={filter.search} onChange={search} />
            <ChoiceFilter label={text.source.state} options={states.map((s) => ({ value: s, label: text.state[s] }))} chosen={listOf(filter.state)} onChange={(v) => setUrl({ state: v.join(",") })} />
          </div>
          <Card className="card-flush">
            <Show of={list}>
              {(data) =>
                data.items.length === 0 ? (
                  <Empty title={text.sources.noMatch} action={<Button onClick={() => setUrl({ state: "", search: "" })}>{text.filter.clearAll}</Button>} />
                ) : (
                  <DataTable label={text.nav.sources} columns={columns(workspace)} rows={data.items} rowKey={(row) => row.id} sort={sort} onSort={(next) => setUrl({ sort: next === "-eventsLastDay" ? undefined : next })} />
                )
              }
            </Show>
          </Card>
          {list.data && <Rejects sources={list.data.items} />}
        </>
      )}
    </Page>
  );
}

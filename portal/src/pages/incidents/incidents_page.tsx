// SPDX-License-Identifier: Apache-2.0
// The queue. Filters, sort and search stand in the address; news arrive without losing the selection.
import { Button } from "@fluentui/react-components";
import { ArrowClockwiseRegular } from "@fluentui/react-icons";
import { useCallback, useMemo, useState } from "react";
import { Link, useNavigate } from "react-router";
import { call } from "@/api/client";
import { useLive } from "@/api/live";
import { useLoad } from "@/api/load";
import { incidentStatuses, severities, type Incident } from "@/api/types";
import { useKeys } from "@/app/keys";
import { useMay, useProfile } from "@/app/session";
import { listOf, useUrl, useWorkspace } from "@/app/url_state";
import { DataTable, type TableColumn } from "@/parts/data_table";
import { ChoiceFilter, SearchFilter } from "@/parts/filters";
import { SeverityMark, StatusMark, Tags } from "@/parts/marks";
import { Card, Page } from "@/parts/page";
import { Empty, Show } from "@/parts/states";
import { TimeRange } from "@/parts/time_range";
import { TimeText } from "@/parts/time_text";
import { text } from "@/text";
import { BulkBar } from "./bulk_bar";
import { OwnerName } from "./owner";
import "./incidents.css";

const pageSize = 50;

const columns = (workspace: string): TableColumn<Incident>[] => [
  { id: "severity", header: text.incident.severity, sort: "severity", width: "138px", cell: (row) => <SeverityMark severity={row.severity} /> },
  { id: "number", header: text.incident.number, sort: "number", width: "64px", role: "wide", cell: (row) => <span className="number quiet">{row.number}</span> },
  {
    id: "title", header: text.incident.title, sort: "title", role: "title",
    cell: (row) => (
      <div className="incident-title">
        <Link to={`/w/${workspace}/incidents/${row.number}`}>{row.title}</Link>
        {row.entities.length > 0 && <span className="quiet small clip">{row.entities.map((entity) => entity.name).join(" · ")}</span>}
      </div>
    ),
  },
  { id: "status", header: text.incident.status, sort: "status", width: "96px", cell: (row) => <StatusMark status={row.status} /> },
  { id: "owner", header: text.incident.owner, width: "150px", cell: (row) => <OwnerName owner={row.owner} /> },
  { id: "tactics", header: text.incident.tactics, width: "170px", role: "extra", cell: (row) => <Tags names={row.tactics} limit={2} /> },
  { id: "alerts", header: text.incident.alerts, width: "70px", align: "right", cell: (row) => row.alertsCount },
  { id: "activity", header: text.incident.lastActivity, sort: "lastActivityTime", width: "120px", role: "extra", cell: (row) => <TimeText time={row.lastActivityTime} ago /> },
  { id: "created", header: text.incident.created, sort: "createdTime", width: "110px", cell: (row) => <TimeText time={row.createdTime} ago /> },
];

function Views({ url, setUrl }: { url: URLSearchParams; setUrl: ReturnType<typeof useUrl>[1] }) {
  const me = useProfile().user.name;
  const views: [string, Record<string, string | undefined>][] = [
    [text.incidents.viewOpen, { status: "New,Active" }],
    [text.incidents.viewMine, { status: "New,Active", owner: me }],
    [text.incidents.viewUnassigned, { status: "New,Active", owner: "none" }],
    [text.incidents.viewHigh, { status: "New,Active", severity: "High" }],
    [text.incidents.viewClosed, { status: "Closed" }],
    [text.incidents.viewAll, {}],
  ];
  const fields = ["status", "severity", "owner", "createdTime", "search"];
  return (
    <div className="chips" role="group" aria-label={text.incidents.views}>
      {views.map(([name, filter]) => {
        const on = fields.every((field) => (url.get(field) ?? "") === (filter[field] ?? ""));
        return (
          <button type="button" key={name} className="chip" aria-pressed={on} onClick={() => setUrl({ ...Object.fromEntries(fields.map((f) => [f, undefined])), ...filter }, true)}>
            {name}
          </button>
        );
      })}
    </div>
  );
}

export default function IncidentsPage() {
  const workspace = useWorkspace();
  const navigate = useNavigate();
  const me = useProfile().user;
  const mayWrite = useMay("incident.write", workspace);
  const [url, setUrl] = useUrl();
  const [selected, setSelected] = useState<Set<string>>(new Set());
  const [limit, setLimit] = useState(pageSize);
  const sort = url.get("sort") ?? "-createdTime";
  const filter = { status: url.get("status") ?? "", severity: url.get("severity") ?? "", owner: url.get("owner") ?? "", search: url.get("search") ?? "", createdTime: url.get("createdTime") ?? "" };
  const filterKey = JSON.stringify([workspace, filter, sort]);
  const list = useLoad(filterKey, (signal) => call("get", "/api/workspaces/{workspace}/incidents", { path: { workspace }, query: { ...filter, sort, limit: Math.min(limit, 1000) }, signal }));
  const members = useLoad(workspace, (signal) => call("get", "/api/workspaces/{workspace}/members", { path: { workspace }, query: { limit: 1000 }, signal }));
  const live = useLive(workspace, ["incident"], list.reload);
  const more = () => {
    setLimit(limit + pageSize * 2);
    list.reload();
  };
  const search = useCallback((value: string) => setUrl({ search: value }), [setUrl]);
  const owners = useMemo(
    () => [{ value: "none", label: text.incident.unassigned }, ...(members.data?.items ?? []).map((m) => ({ value: m.name, label: m.name === me.name ? text.incident.me(m.displayName || m.name) : m.displayName || m.name }))],
    [members.data, me.name],
  );
  useKeys({
    "/": () => document.querySelector<HTMLInputElement>("#incident-search")?.focus(),
    j: () => document.querySelector<HTMLElement>(".data-table tbody tr")?.focus(),
    r: list.reload,
  });
  const chosen = (list.data?.items ?? []).filter((row) => selected.has(String(row.number)));
  const isFiltered = Object.values(filter).some(Boolean);
  return (
    <Page
      title={text.nav.incidents}
      lead={
        <span className="row">
          <span>{list.data?.total != null && text.incidents.count(list.data.total)}</span>
          <span className={live ? "live live-on" : "live"}><i />{live ? text.live.on : text.live.off}</span>
        </span>
      }
      actions={<Button appearance="subtle" icon={<ArrowClockwiseRegular />} aria-label={text.states.refresh} title={text.states.refresh} onClick={list.reload} />}
    >
      <Views url={url} setUrl={setUrl} />
      <div className="filters">
        <SearchFilter id="incident-search" label={text.incidents.search} value={filter.search} onChange={search} />
        <ChoiceFilter label={text.incident.status} options={incidentStatuses.map((s) => ({ value: s, label: text.status[s] }))} chosen={listOf(filter.status)} onChange={(v) => setUrl({ status: v.join(",") })} />
        <ChoiceFilter label={text.incident.severity} options={severities.map((s) => ({ value: s, label: text.severity[s] }))} chosen={listOf(filter.severity)} onChange={(v) => setUrl({ severity: v.join(",") })} />
        <ChoiceFilter label={text.incident.owner} options={owners} chosen={listOf(filter.owner)} onChange={(v) => setUrl({ owner: v.join(",") })} />
        <TimeRange value={filter.createdTime} allowAll onChange={(createdTime) => setUrl({ createdTime })} />
      </div>
      {mayWrite && chosen.length > 0 && (
        <BulkBar
          workspace={workspace}
          incidents={chosen}
          members={members.data?.items ?? []}
          clear={() => setSelected(new Set())}
          changed={() => {
            setSelected(new Set());
            list.reload();
          }}
        />
      )}
      <Card className="card-flush">
        <Show of={list}>
          {(data) =>
            data.items.length === 0 ? (
              isFiltered ? (
                <Empty title={text.incidents.noMatch} action={<Button onClick={() => setUrl({ status: "", severity: "", owner: "", search: "", createdTime: "" })}>{text.filter.clearAll}</Button>} />
              ) : (
                <Empty title={text.incidents.none} action={<><Button onClick={() => navigate(`/w/${workspace}/rules`)}>{text.incidents.toRules}</Button><Button onClick={() => navigate(`/w/${workspace}/sources`)}>{text.incidents.toSources}</Button></>}>
                  {text.incidents.noneHint}
                </Empty>
              )
            ) : (
              <>
                <DataTable
                  label={text.nav.incidents}
                  columns={columns(workspace)}
                  rows={data.items}
                  rowKey={(row) => String(row.number)}
                  sort={sort}
                  onSort={(next) => setUrl({ sort: next === "-createdTime" ? undefined : next })}
                  onOpen={(row) => navigate(`/w/${workspace}/incidents/${row.number}`)}
                  selected={mayWrite ? selected : undefined}
                  onSelect={mayWrite ? setSelected : undefined}
                />
                {data.nextCursor && (
                  <div className="more">
                    <Button onClick={more} disabled={list.loading}>{text.table.more}</Button>
                  </div>
                )}
              </>
            )
          }
        </Show>
      </Card>
    </Page>
  );
}

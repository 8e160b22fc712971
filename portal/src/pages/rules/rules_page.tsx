// SPDX-License-Identifier: Apache-2.0
// What is being looked for, and whether it really is.
import { Button } from "@fluentui/react-components";
import { AddRegular } from "@fluentui/react-icons";
import { useCallback } from "react";
import { Link, useNavigate } from "react-router";
import { call } from "@/api/client";
import { useLoad } from "@/api/load";
import { severities, type Rule, type RuleHealthState } from "@/api/types";
import { useMay } from "@/app/session";
import { listOf, useUrl, useWorkspace } from "@/app/url_state";
import { DataTable, type TableColumn } from "@/parts/data_table";
import { ChoiceFilter, SearchFilter } from "@/parts/filters";
import { formatDuration } from "@/parts/format";
import { SeverityMark, StateMark, Tags } from "@/parts/marks";
import { Card, Page } from "@/parts/page";
import { Empty, Show } from "@/parts/states";
import { TimeText } from "@/parts/time_text";
import { text } from "@/text";
import "./rules.css";

const healthStates: RuleHealthState[] = ["Healthy", "Failing", "Waiting", "NotRun", "Disabled", "AutoDisabled"];

const columns = (workspace: string): TableColumn<Rule>[] => [
  { id: "severity", header: text.rule.severity, sort: "severity", width: "138px", cell: (row) => <SeverityMark severity={row.severity} /> },
  {
    id: "name", header: text.rule.name, sort: "displayName", role: "title",
    cell: (row) => (
      <div className="rule-name">
        <Link to={`/w/${workspace}/rules/${encodeURIComponent(row.id)}`}>{row.displayName}</Link>
        {row.tables && row.tables.length > 0 && <span className="quiet small">{row.tables.join(", ")}</span>}
      </div>
    ),
  },
  {
    id: "health", header: text.rule.health, sort: "health", width: "170px",
    cell: (row) => (
      <div className="rule-name">
        <StateMark state={row.health.state} title={row.health.reason} />
        {row.health.reason && <span className="quiet small clip rule-reason" title={row.health.reason}>{row.health.reason}</span>}
      </div>
    ),
  },
  { id: "tactics", header: text.rule.tactics, width: "190px", role: "extra", cell: (row) => <Tags names={row.tactics} limit={2} /> },
  { id: "frequency", header: text.rule.every, sort: "queryFrequency", width: "110px", role: "wide", cell: (row) => (row.kind === "NRT" ? text.rule.nearRealTime : formatDuration(row.queryFrequency)) },
  { id: "lastRun", header: text.rule.lastRun, sort: "lastRunTime", width: "110px", cell: (row) => <TimeText time={row.health.lastRunTime} ago /> },
  { id: "alerts", header: text.rule.alertsWeek, sort: "alertsLastWeek", width: "110px", align: "right", cell: (row) => row.alertsLastWeek },
  { id: "origin", header: text.rule.origin, width: "90px", role: "extra", cell: (row) => <span className="quiet">{text.origin[row.origin]}</span> },
];

export default function RulesPage() {
  const workspace = useWorkspace();
  const navigate = useNavigate();
  const mayWrite = useMay("rule.write", workspace);
  const [url, setUrl] = useUrl();
  const sort = url.get("sort") ?? "displayName";
  const filter = { severity: url.get("severity") ?? "", health: url.get("health") ?? "", search: url.get("search") ?? "" };
  const list = useLoad(JSON.stringify([workspace, filter, sort]), (signal) => call("get", "/api/workspaces/{workspace}/rules", { path: { workspace }, query: { ...filter, sort, limit: 1000 }, signal }));
  const search = useCallback((value: string) => setUrl({ search: value }), [setUrl]);
  const add = <Button icon={<AddRegular />} appearance="primary" onClick={() => navigate(`/w/${workspace}/rules/new`)}>{text.rules.add}</Button>;
  return (
    <Page title={text.nav.rules} lead={list.data?.total != null && text.rules.count(list.data.total)} actions={mayWrite && add}>
      <div className="filters">
        <SearchFilter label={text.rules.search} value={filter.search} onChange={search} />
        <ChoiceFilter label={text.rule.health} options={healthStates.map((s) => ({ value: s, label: text.state[s] }))} chosen={listOf(filter.health)} onChange={(v) => setUrl({ health: v.join(",") })} />
        <ChoiceFilter label={text.rule.severity} options={severities.map((s) => ({ value: s, label: text.severity[s] }))} chosen={listOf(filter.severity)} onChange={(v) => setUrl({ severity: v.join(",") })} />
      </div>
      <Card className="card-flush">
        <Show of={list}>
          {(data) =>
            data.items.length === 0 ? (
              Object.values(filter).some(Boolean) ? (
                <Empty title={text.rules.noMatch} action={<Button onClick={() => setUrl({ severity: "", health: "", search: "" })}>{text.filter.clearAll}</Button>} />
              ) : (
                <Empty title={text.rules.none} action={mayWrite && add}>{text.rules.noneHint}</Empty>
              )
            ) : (
              <DataTable label={text.nav.rules} columns={columns(workspace)} rows={data.items} rowKey={(row) => row.id} sort={sort} onSort={(next) => setUrl({ sort: next })} onOpen={(row) => navigate(`/w/${workspace}/rules/${encodeURIComponent(row.id)}`)} rowClass={(row) => (row.enabled ? "" : "rule-off")} />
            )
          }
        </Show>
      </Card>
    </Page>
  );
}

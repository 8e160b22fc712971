// SPDX-License-Identifier: Apache-2.0
// Who did what, on the server or in one workspace.
import { Button, Select } from "@fluentui/react-components";
import { useCallback, useState } from "react";
import { call } from "@/api/client";
import { useLoad } from "@/api/load";
import type { AuditEntry } from "@/api/types";
import { useMay, useProfile } from "@/app/session";
import { listOf, useUrl } from "@/app/url_state";
import { DataTable, type TableColumn } from "@/parts/data_table";
import { ChoiceFilter, SearchFilter } from "@/parts/filters";
import { StateMark } from "@/parts/marks";
import { Card } from "@/parts/page";
import { Empty, Show } from "@/parts/states";
import { TimeRange } from "@/parts/time_range";
import { TimeText } from "@/parts/time_text";
import { text } from "@/text";
import { SettingsFrame } from "./settings_frame";

const columns: TableColumn<AuditEntry>[] = [
  { id: "time", header: text.audit.time, width: "190px", cell: (row) => <TimeText time={row.time} /> },
  { id: "actor", header: text.audit.actor, width: "130px", cell: (row) => <span className="break">{row.actor}</span> },
  { id: "action", header: text.audit.action, role: "title", cell: (row) => <span className="break">{row.action}</span> },
  { id: "target", header: text.audit.target, cell: (row) => <span className="break">{[row.workspace, row.target].filter(Boolean).join(" / ") || "–"}</span> },
  { id: "outcome", header: text.audit.outcome, width: "110px", cell: (row) => <StateMark state={row.outcome} /> },
  { id: "address", header: text.audit.address, role: "wide", width: "120px", cell: (row) => row.address ?? "–" },
  { id: "detail", header: text.audit.detail, cell: (row) => <span className="break">{row.detail ?? "–"}</span> },
];

export default function AuditPage() {
  const manages = useMay("server.audit.read");
  const readable = useProfile().workspaces.filter((entry) => entry.permissions.includes("audit.read"));
  const [url, setUrl] = useUrl();
  const [limit, setLimit] = useState(100);
  const workspace = url.get("workspace") ?? (manages ? "" : (readable[0]?.name ?? ""));
  const timespan = url.get("timespan") ?? "P7D";
  const filter = { search: url.get("search") ?? "", outcome: url.get("outcome") ?? "", timespan };
  const list = useLoad(JSON.stringify([workspace, filter]), (signal) =>
    workspace
      ? call("get", "/api/workspaces/{workspace}/audit", { path: { workspace }, query: { ...filter, limit }, signal })
      : call("get", "/api/audit", { query: { ...filter, limit }, signal }),
  );
  const search = useCallback((value: string) => setUrl({ search: value }), [setUrl]);
  return (
    <SettingsFrame title={text.settings.audit}>
      <div className="filters">
        <SearchFilter label={text.audit.search} value={filter.search} onChange={search} />
        <Select aria-label={text.audit.where} value={workspace} onChange={(_, data) => setUrl({ workspace: data.value || undefined })}>
          {manages && <option value="">{text.audit.server}</option>}
          {readable.map((entry) => <option key={entry.name} value={entry.name}>{entry.displayName}</option>)}
        </Select>
        <ChoiceFilter label={text.audit.outcome} options={(["Success", "Failure", "Denied"] as const).map((s) => ({ value: s, label: text.state[s] }))} chosen={listOf(filter.outcome)} onChange={(v) => setUrl({ outcome: v.join(",") })} />
        <TimeRange value={timespan} onChange={(value) => setUrl({ timespan: value === "P7D" ? undefined : value })} />
      </div>
      <Card className="card-flush">
        <Show of={list}>
          {(data) =>
            data.items.length === 0 ? (
              <Empty title={text.audit.none} />
            ) : (
              <>
                <DataTable label={text.settings.audit} columns={columns} rows={data.items} rowKey={(row) => row.id} />
                {data.nextCursor && limit < 1000 && (
                  <div className="more">
                    <Button onClick={() => { setLimit(1000); list.reload(); }}>{text.table.more}</Button>
                  </div>
                )}
              </>
            )
          }
        </Show>
      </Card>
    </SettingsFrame>
  );
}

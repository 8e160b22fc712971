// SPDX-License-Identifier: Apache-2.0
// The server itself: version, engine, and what it honestly cannot do yet.
import { useState } from "react";
import { call } from "@/api/client";
import { useLoad } from "@/api/load";
import type { Status } from "@/api/types";
import { DataTable, type TableColumn } from "@/parts/data_table";
import { SearchFilter } from "@/parts/filters";
import { formatSeconds } from "@/parts/format";
import { StateMark } from "@/parts/marks";
import { Card, Facts } from "@/parts/page";
import { Empty, Show } from "@/parts/states";
import { TimeText } from "@/parts/time_text";
import { text } from "@/text";
import { SettingsFrame } from "./settings_frame";

type Unsupported = Status["unsupported"][number];
const columns: TableColumn<Unsupported>[] = [
  { id: "name", header: text.platform.name, role: "title", cell: (row) => <code>{row.name}</code> },
  { id: "kind", header: text.platform.kind, cell: (row) => row.kind },
  { id: "remark", header: text.platform.remark, cell: (row) => row.remark ?? "–" },
];

export default function PlatformPage() {
  const [search, setSearch] = useState("");
  const status = useLoad("status", (signal) => call("get", "/api/status", { signal }));
  const t = text.platform;
  return (
    <SettingsFrame title={text.settings.platform}>
      <Show of={status}>
        {(data) => {
          const found = data.unsupported.filter((entry) => `${entry.kind} ${entry.name} ${entry.remark ?? ""}`.toLowerCase().includes(search.toLowerCase()));
          return (
            <>
              <div className="settings-columns">
                <Card title={t.server}>
                  <Facts items={[[t.version, data.version], [t.uptime, formatSeconds(data.uptimeSeconds)], [t.started, <TimeText key="s" time={data.startTime} />]]} />
                </Card>
                <Card title={t.engine} aside={<StateMark state={data.engine.state} />}>
                  <Facts items={[[t.version, data.engine.version], [t.mode, t.modes[data.engine.mode]], [t.restarts, String(data.engine.restarts)], ...(data.engine.message ? [[t.remark, data.engine.message] as [string, string]] : [])]} />
                </Card>
              </div>
              <Card title={t.unsupported(data.unsupported.length)} className="card-flush">
                <p className="quiet platform-hint">{t.unsupportedHint}</p>
                <div className="filters platform-hint"><SearchFilter label={t.search} value={search} onChange={setSearch} /></div>
                {found.length === 0 ? <Empty title={t.none} /> : <DataTable label={t.unsupportedLabel} columns={columns} rows={found} rowKey={(row) => `${row.kind} ${row.name}`} />}
              </Card>
            </>
          );
        }}
      </Show>
    </SettingsFrame>
  );
}

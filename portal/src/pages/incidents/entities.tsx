// SPDX-License-Identifier: Apache-2.0
import {
  AppGenericRegular, DesktopRegular, DocumentRegular, GlobeRegular, LinkRegular, MailRegular, NumberSymbolRegular, PersonRegular, PuzzlePieceRegular,
} from "@fluentui/react-icons";
import { useState, type JSX } from "react";
import { Link } from "react-router";
import { call } from "@/api/client";
import { useLoad } from "@/api/load";
import type { Entity } from "@/api/types";
import { logsLink } from "@/app/url_state";
import { CopyButton } from "@/parts/copy_block";
import { Show } from "@/parts/states";
import { text } from "@/text";

const icons: Record<string, JSX.Element> = {
  Account: <PersonRegular />, Host: <DesktopRegular />, IP: <GlobeRegular />, Process: <AppGenericRegular />, File: <DocumentRegular />, FileHash: <NumberSymbolRegular />,
  URL: <LinkRegular />, DNS: <GlobeRegular />, Mailbox: <MailRegular />, MailMessage: <MailRegular />,
};

const quoted = (value: string) => `"${value.replace(/\\/g, "\\\\").replace(/"/g, '\\"')}"`;

function One({ entity, workspace }: { entity: Entity; workspace: string }) {
  const [open, setOpen] = useState(false);
  const properties = Object.entries(entity.properties ?? {});
  return (
    <li className="entity">
      <button type="button" className="entity-head" aria-expanded={open} onClick={() => setOpen(!open)}>
        <span className="entity-icon" aria-hidden="true">{icons[entity.kind] ?? <PuzzlePieceRegular />}</span>
        <span className="grow">
          <span className="entity-name">{entity.name}</span>
          <span className="quiet small">{entity.kind}{entity.alertsCount ? ` · ${text.incident.inAlerts(entity.alertsCount)}` : ""}</span>
        </span>
      </button>
      <CopyButton content={entity.name} />
      {open && (
        <div className="entity-body">
          {properties.length > 0 && (
            <dl className="event-all">
              {properties.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{typeof value === "string" ? value : JSON.stringify(value)}</dd></div>)}
            </dl>
          )}
          <Link className="small" to={logsLink(workspace, `search ${quoted(entity.name)}\n| summarize Events = count(), First = min(TimeGenerated), Last = max(TimeGenerated) by $table`, "P1D")}>
            {text.incident.searchEntity}
          </Link>
        </div>
      )}
    </li>
  );
}

export function Entities({ workspace, number, round }: { workspace: string; number: number; round: number }) {
  const entities = useLoad(`${workspace} ${number} ${round}`, (signal) => call("get", "/api/workspaces/{workspace}/incidents/{incident}/entities", { path: { workspace, incident: number }, query: { limit: 500 }, signal }));
  return (
    <Show of={entities}>
      {(data) => (data.items.length === 0 ? <p className="quiet side-empty">{text.incident.noEntities}</p> : <ul className="entities">{data.items.map((entity) => <One key={entity.id} entity={entity} workspace={workspace} />)}</ul>)}
    </Show>
  );
}

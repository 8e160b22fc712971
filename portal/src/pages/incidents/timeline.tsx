// SPDX-License-Identifier: Apache-2.0
// Alerts in the order of what happened; each opens to its details and its events, read by KQL only when opened.
import { Button, Spinner } from "@fluentui/react-components";
import { ChevronDownRegular, ChevronRightRegular, DatabaseSearchRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { Link } from "react-router";
import { call } from "@/api/client";
import { useLoad } from "@/api/load";
import type { Alert } from "@/api/types";
import { usePreferences } from "@/app/preferences";
import { logsLink, useUrl } from "@/app/url_state";
import { cellText } from "@/pages/logs/cell_text";
import { SeverityMark, Tags } from "@/parts/marks";
import { FailureLine, Show } from "@/parts/states";
import { TimeText } from "@/parts/time_text";
import { text } from "@/text";

const shownEvents = 50;
const telling = ["TimeGenerated", "EventID", "Activity", "OperationName", "ActionType", "Computer", "DeviceName", "Account", "AccountName", "UserPrincipalName", "SrcIpAddr", "SourceIP", "IPAddress", "IpAddress", "CommandLine", "ProcessCommandLine", "DestinationIP", "Message"];

function Events({ workspace, alert }: { workspace: string; alert: Alert }) {
  const { utc } = usePreferences();
  const [open, setOpen] = useState<number>();
  const events = useLoad(alert.id, async (signal) => {
    const detail = await call("get", "/api/workspaces/{workspace}/alerts/{alert}", { path: { workspace, alert: alert.id }, signal });
    const { query, timespan } = detail.eventsQuery;
    const result = await call("post", "/api/workspaces/{workspace}/query", { path: { workspace }, body: { query, ...(timespan ? { timespan } : {}), maxRows: shownEvents }, signal });
    return { detail, result };
  });
  if (!events.data) return events.failure ? <FailureLine failure={events.failure} dismiss={events.reload} /> : <Spinner size="tiny" label={text.incident.readingEvents} labelPosition="after" />;
  const { detail, result } = events.data;
  const time = result.columns.findIndex((column) => column.name === "TimeGenerated");
  const named = telling.map((name) => result.columns.findIndex((column) => column.name === name)).filter((i) => i >= 0 && i !== time);
  const shown = (named.length ? named : result.columns.map((_, i) => i).filter((i) => i !== time)).slice(0, 6);
  return (
    <div className="events">
      <div className="row">
        <h3 className="grow">{text.incident.events(result.rows.length, result.truncated)}</h3>
        <Link to={logsLink(workspace, detail.eventsQuery.query, detail.eventsQuery.timespan)} className="row">
          <DatabaseSearchRegular aria-hidden="true" /> {text.incident.openInLogs}
        </Link>
      </div>
      <ul>
        {result.rows.map((row, index) => (
          <li key={index}>
            <button type="button" className="event" aria-expanded={open === index} onClick={() => setOpen(open === index ? undefined : index)}>
              {time >= 0 && <span className="event-time">{cellText(row[time], "datetime", utc)}</span>}
              <span className="event-values">
                {shown.map((i) => {
                  const value = cellText(row[i], result.columns[i].type, utc);
                  return value && <span key={i}><span className="quiet">{result.columns[i].name}</span> {value}</span>;
                })}
              </span>
            </button>
            {open === index && (
              <dl className="event-all">
                {result.columns.map((column, i) => {
                  const value = cellText(row[i], column.type, utc);
                  return value ? <div key={column.name}><dt>{column.name}</dt><dd>{value}</dd></div> : null;
                })}
              </dl>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

function AlertEntry({ workspace, alert, open, toggle }: { workspace: string; alert: Alert; open: boolean; toggle: () => void }) {
  const details = Object.entries(alert.customDetails ?? {});
  return (
    <li className={`alert alert-${alert.severity}`}>
      <div className="alert-head">
        <Button size="small" appearance="subtle" icon={open ? <ChevronDownRegular /> : <ChevronRightRegular />} aria-expanded={open} aria-label={text.incident.showAlert(alert.displayName)} onClick={toggle} />
        <div className="grow">
          <button type="button" className="alert-name" onClick={toggle}>{alert.displayName}</button>
          <div className="alert-line quiet small">
            <TimeText time={alert.startTime} />
            <SeverityMark severity={alert.severity} />
            {alert.eventsCount !== undefined && <span>{text.incident.eventsCount(alert.eventsCount)}</span>}
          </div>
          {alert.entities.length > 0 && <div className="alert-entities small">{alert.entities.slice(0, 6).map((entity) => <span key={entity.id} className="entity-chip"><b>{entity.kind}</b> {entity.name}</span>)}</div>}
        </div>
      </div>
      {open && (
        <div className="alert-body">
          {alert.description && <p className="pre">{alert.description}</p>}
          <Tags names={[...alert.tactics, ...alert.techniques]} limit={10} />
          {details.length > 0 && (
            <dl className="event-all">
              {details.map(([name, values]) => <div key={name}><dt>{name}</dt><dd>{values.join(", ")}</dd></div>)}
            </dl>
          )}
          {alert.ruleId && (
            <p className="small">
              {text.incident.byRule} <Link to={`/w/${workspace}/rules/${encodeURIComponent(alert.ruleId)}`}>{alert.ruleName ?? alert.ruleId}</Link>
            </p>
          )}
          <Events workspace={workspace} alert={alert} />
        </div>
      )}
    </li>
  );
}

export function Timeline({ workspace, number, round }: { workspace: string; number: number; round: number }) {
  const [url, setUrl] = useUrl();
  const open = url.get("alert");
  const alerts = useLoad(`${workspace} ${number} ${round}`, (signal) => call("get", "/api/workspaces/{workspace}/incidents/{incident}/alerts", { path: { workspace, incident: number }, query: { limit: 200 }, signal }));
  return (
    <Show of={alerts}>
      {(data) =>
        data.items.length === 0 ? (
          <p className="quiet">{text.incident.noAlerts}</p>
        ) : (
          <ol className="timeline">
            {data.items.map((alert) => (
              <AlertEntry key={alert.id} workspace={workspace} alert={alert} open={open === alert.id} toggle={() => setUrl({ alert: open === alert.id ? undefined : alert.id })} />
            ))}
          </ol>
        )
      }
    </Show>
  );
}

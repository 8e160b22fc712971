// SPDX-License-Identifier: Apache-2.0
// What is open, what came in, what needs somebody today.
import { useMemo } from "react";
import { Link } from "react-router";
import { call } from "@/api/client";
import { useLive } from "@/api/live";
import { useLoad } from "@/api/load";
import type { Overview } from "@/api/types";
import { usePreferences } from "@/app/preferences";
import { useUrl, useWorkspace } from "@/app/url_state";
import { formatCompact, formatNumber, formatSeconds } from "@/parts/format";
import { Chart } from "@/parts/lazy_chart";
import { SeverityMark, StateMark } from "@/parts/marks";
import { Card, Page } from "@/parts/page";
import { Show } from "@/parts/states";
import { TimeRange } from "@/parts/time_range";
import { TimeText } from "@/parts/time_text";
import { ConnectGuide } from "@/pages/sources/connect_guide";
import { text } from "@/text";
import { Attention } from "./attention";
import { alertBars, eventLine } from "./overview_charts";
import "./overview.css";

function Tile({ name, value, note, to, tone }: { name: string; value: string; note?: string; to: string; tone?: "bad" | "warn" }) {
  return (
    <Link to={to} className={`tile ${tone ? `tile-${tone}` : ""}`}>
      <span className="tile-name">{name}</span>
      <span className="tile-value">{value}</span>
      <span className="tile-note">{note}</span>
    </Link>
  );
}

function Tiles({ data, base }: { data: Overview; base: string }) {
  const { incidents, alerts, events, rules } = data;
  const t = text.overview;
  return (
    <div className="tiles">
      <Tile name={t.open} value={formatNumber(incidents.open)} note={t.openNote(incidents.byStatus.New, incidents.byStatus.Active)} to={`${base}/incidents?status=New,Active`} />
      <Tile name={t.high} value={formatNumber(incidents.openBySeverity.High)} note={t.highNote} tone={incidents.openBySeverity.High ? "bad" : undefined} to={`${base}/incidents?status=New,Active&severity=High`} />
      <Tile name={t.unassigned} value={formatNumber(incidents.unassigned)} note={t.unassignedNote} tone={incidents.unassigned ? "warn" : undefined} to={`${base}/incidents?status=New,Active&owner=none`} />
      <Tile name={t.closed} value={formatNumber(incidents.closed)} note={incidents.medianMinutesToClose == null ? t.noneClosed : t.medianClose(formatSeconds(incidents.medianMinutesToClose * 60))} to={`${base}/incidents?status=Closed`} />
      <Tile name={t.alerts} value={formatNumber(alerts.total)} note={t.alertsNote(incidents.created)} to={`${base}/incidents`} />
      <Tile name={t.events} value={formatCompact(events.total)} note={t.eventsNote(data.sources.length)} to={`${base}/sources`} />
      <Tile name={t.rules} value={`${rules.healthy} / ${rules.enabled}`} note={t.rulesNote(rules.failing, rules.waiting)} tone={rules.failing ? "bad" : undefined} to={`${base}/rules`} />
    </div>
  );
}

function SeverityBars({ data, base }: { data: Overview; base: string }) {
  const counts = data.incidents.openBySeverity;
  const most = Math.max(1, ...Object.values(counts));
  return (
    <ul className="bars">
      {(["High", "Medium", "Low", "Informational"] as const).map((severity) => (
        <li key={severity}>
          <Link to={`${base}/incidents?status=New,Active&severity=${severity}`}>
            <SeverityMark severity={severity} />
            <span className="bar-track">
              <span className={`bar-fill bar-${severity}`} style={{ width: `${(counts[severity] / most) * 100}%` }} />
            </span>
            <span className="number">{counts[severity]}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

function TopRules({ data, base }: { data: Overview; base: string }) {
  if (data.topRules.length === 0) return <p className="quiet">{text.overview.noAlerts}</p>;
  return (
    <ul className="lines">
      {data.topRules.map((rule) => (
        <li key={rule.id}>
          <SeverityMark severity={rule.severity} short />
          <Link className="grow clip" to={`${base}/rules/${encodeURIComponent(rule.id)}`} title={rule.displayName}>{rule.displayName}</Link>
          <span className="number quiet">{text.overview.ruleCounts(rule.alerts, rule.incidents)}</span>
        </li>
      ))}
    </ul>
  );
}

function Sources({ data, base }: { data: Overview; base: string }) {
  return (
    <ul className="lines">
      {data.sources.map((source) => (
        <li key={source.id}>
          <span className="grow source-line">
            <Link className="clip" to={`${base}/sources?search=${encodeURIComponent(source.displayName)}`}>{source.displayName}</Link>
            <span className="quiet small">{text.overview.sourceLine(formatCompact(source.eventsLastDay))} <TimeText time={source.lastEventTime} ago /></span>
          </span>
          <StateMark state={source.state} />
        </li>
      ))}
    </ul>
  );
}

export default function OverviewPage() {
  const workspace = useWorkspace();
  const [url, setUrl] = useUrl();
  const { utc } = usePreferences();
  const timespan = url.get("timespan") ?? "P1D";
  const overview = useLoad(`${workspace} ${timespan}`, (signal) => call("get", "/api/workspaces/{workspace}/overview", { path: { workspace }, query: { timespan }, signal }));
  const live = useLive(workspace, ["incident", "alert", "health"], overview.reload, 2000);
  const base = `/w/${workspace}`;
  const data = overview.data;
  const alertOption = useMemo(() => alertBars(data, utc), [data, utc]);
  const eventOption = useMemo(() => eventLine(data, utc), [data, utc]);
  return (
    <Page
      title={text.nav.overview}
      lead={<span className={live ? "live live-on" : "live"}><i />{live ? text.live.on : text.live.off}</span>}
      actions={<TimeRange value={timespan} onChange={(value) => setUrl({ timespan: value === "P1D" ? undefined : value })} />}
    >
      <Show of={overview}>
        {(shown) => (
          <>
            {shown.sources.length === 0 && <ConnectGuide workspace={workspace} />}
            <Tiles data={shown} base={base} />
            <div className="overview-grid">
              <Card title={text.overview.attention} className="area-attention">
                <Attention items={shown.attention} base={base} />
              </Card>
              <Card title={text.overview.alertsOverTime} className="area-alerts">
                <Chart option={alertOption} label={text.overview.alertsOverTime} height={230} />
              </Card>
              <Card title={text.overview.openBySeverity} className="area-severity">
                <SeverityBars data={shown} base={base} />
              </Card>
              <Card title={text.overview.eventsOverTime} className="area-events">
                <Chart option={eventOption} label={text.overview.eventsOverTime} height={180} />
              </Card>
              <Card title={text.overview.topRules} aside={<Link to={`${base}/rules`}>{text.overview.all}</Link>} className="area-rules">
                <TopRules data={shown} base={base} />
              </Card>
              <Card title={text.nav.sources} aside={<Link to={`${base}/sources`}>{text.overview.all}</Link>} className="area-sources">
                {shown.sources.length ? <Sources data={shown} base={base} /> : <p className="quiet">{text.sources.none}</p>}
              </Card>
            </div>
          </>
        )}
      </Show>
    </Page>
  );
}

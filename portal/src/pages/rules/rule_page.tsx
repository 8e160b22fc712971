// SPDX-License-Identifier: Apache-2.0
// One rule: what it looks for, how it has run, and its source. The address .../rules/new writes a new one.
import { Button, Switch, Tab, TabList } from "@fluentui/react-components";
import { ArrowLeftRegular, DatabaseSearchRegular, DeleteRegular, PlayRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { call } from "@/api/client";
import { useLoad } from "@/api/load";
import type { RuleDetail } from "@/api/types";
import { useNotices } from "@/app/notices";
import { useMay } from "@/app/session";
import { logsLink, useUrl, useWorkspace } from "@/app/url_state";
import { FormDialog } from "@/parts/confirm";
import { formatDuration, formatMilliseconds } from "@/parts/format";
import { KqlText } from "@/parts/kql_text";
import { SeverityMark, StateMark, Tags } from "@/parts/marks";
import { Card, Facts, Page } from "@/parts/page";
import { Show } from "@/parts/states";
import { TimeText } from "@/parts/time_text";
import { text } from "@/text";
import { RuleEditor } from "./rule_editor";
import { RuleRuns } from "./rule_runs";
import "./rules.css";

function Back({ workspace }: { workspace: string }) {
  return (
    <Link to={`/w/${workspace}/rules`} className="row back">
      <ArrowLeftRegular aria-hidden="true" /> {text.nav.rules}
    </Link>
  );
}

function RuleFacts({ rule }: { rule: RuleDetail }) {
  const t = text.rule;
  return (
    <Facts
      items={[
        [t.health, <span key="h"><StateMark state={rule.health.state} />{rule.health.reason && <span className="block pre quiet">{rule.health.reason}</span>}</span>],
        [t.description, <span key="d" className="pre">{rule.description || "–"}</span>],
        [t.tactics, <Tags key="t" names={rule.tactics} limit={10} />],
        [t.techniques, <Tags key="q" names={rule.techniques} limit={12} />],
        [t.schedule, rule.kind === "NRT" ? t.nearRealTime : t.scheduleOf(formatDuration(rule.queryFrequency), formatDuration(rule.queryPeriod))],
        [t.threshold, rule.triggerOperator ? t.thresholdOf(text.operator[rule.triggerOperator], rule.triggerThreshold ?? 0) : "–"],
        [t.entities, rule.entityMappings?.length ? <span key="e">{rule.entityMappings.map((mapping, i) => <span key={i} className="block">{mapping.entityType}: {mapping.fieldMappings.map((field) => `${field.identifier} = ${field.columnName}`).join(", ")}</span>)}</span> : "–"],
        [t.incidents, rule.createIncident === false ? t.noIncidents : t.makesIncidents],
        [t.lastRun, <span key="l"><TimeText time={rule.health.lastRunTime} />{rule.health.lastRunMs !== undefined && ` · ${formatMilliseconds(rule.health.lastRunMs)}`}</span>],
        [t.nextRun, <TimeText key="n" time={rule.health.nextRunTime} />],
        [t.origin, `${text.origin[rule.origin]}${rule.version ? ` · ${rule.version}` : ""}`],
        [t.id, <code key="i" className="break">{rule.id}</code>],
      ]}
    />
  );
}

function Existing({ workspace, id }: { workspace: string; id: string }) {
  const navigate = useNavigate();
  const notices = useNotices();
  const mayWrite = useMay("rule.write", workspace);
  const mayRun = useMay("rule.run", workspace);
  const mayQuery = useMay("query.run", workspace);
  const [url, setUrl] = useUrl();
  const [deleting, setDeleting] = useState(false);
  const [round, setRound] = useState(0);
  const [running, setRunning] = useState(false);
  const path = { workspace, rule: id };
  const rule = useLoad(`${workspace} ${id}`, (signal) => call("get", "/api/workspaces/{workspace}/rules/{rule}", { path, signal }));
  const tab = url.get("tab") ?? "query";
  const data = rule.data;
  const run = async () => {
    setRunning(true);
    try {
      let job = await call("post", "/api/workspaces/{workspace}/rules/{rule}/run", { path });
      while (job.state === "Waiting" || job.state === "Running") {
        await new Promise((resolve) => window.setTimeout(resolve, 700));
        job = await call("get", "/api/jobs/{job}", { path: { job: job.id } });
      }
      notices.done(text.rule.ran(text.state[job.state] ?? job.state, job.message ?? ""));
      rule.reload();
      setRound((n) => n + 1);
      setUrl({ tab: "runs" });
    } catch (error) {
      notices.failed(error);
    }
    setRunning(false);
  };
  const enable = async (enabled: boolean) => {
    try {
      rule.replace(await call("patch", "/api/workspaces/{workspace}/rules/{rule}", { path, body: { enabled }, ifMatch: data?.etag }));
    } catch (error) {
      notices.failed(error);
      rule.reload();
    }
  };
  return (
    <Page
      title={data?.displayName ?? text.rule.one}
      lead={
        <span className="row">
          <Back workspace={workspace} />
          {data && <SeverityMark severity={data.severity} />}
          {data && <StateMark state={data.health.state} />}
        </span>
      }
      actions={
        data && (
          <>
            {mayWrite && <Switch label={text.rule.enabled} checked={data.enabled} onChange={(_, change) => void enable(change.checked)} />}
            {mayRun && <Button icon={<PlayRegular />} disabled={running} onClick={() => void run()}>{running ? text.rule.running : text.rule.runNow}</Button>}
            {mayWrite && data.origin === "user" && <Button icon={<DeleteRegular />} onClick={() => setDeleting(true)}>{text.rule.delete}</Button>}
          </>
        )
      }
    >
      <Show of={rule}>
        {(shown) => (
          <div className="rule-columns">
            <Card className="rule-facts"><RuleFacts rule={shown} /></Card>
            <Card className="rule-main">
              <TabList selectedValue={tab} onTabSelect={(_, change) => setUrl({ tab: change.value === "query" ? undefined : String(change.value) })} className="card-tabs">
                <Tab value="query">{text.rule.query}</Tab>
                <Tab value="runs">{text.rule.runs}</Tab>
                <Tab value="source">{text.rule.source}</Tab>
              </TabList>
              {tab === "query" && (
                <div className="stack">
                  <KqlText query={shown.query} />
                  {mayQuery && (
                    <Link to={logsLink(workspace, shown.query, shown.queryPeriod)} className="row">
                      <DatabaseSearchRegular aria-hidden="true" /> {text.incident.openInLogs}
                    </Link>
                  )}
                </div>
              )}
              {tab === "runs" && <RuleRuns workspace={workspace} id={id} round={round} />}
              {tab === "source" && <RuleEditor workspace={workspace} rule={shown} mayWrite={mayWrite} saved={(next) => { rule.replace(next); notices.done(text.rule.saved); }} />}
            </Card>
          </div>
        )}
      </Show>
      {deleting && data && (
        <FormDialog
          title={text.rule.deleteTitle}
          action={text.rule.delete}
          close={() => setDeleting(false)}
          perform={async () => {
            await call("delete", "/api/workspaces/{workspace}/rules/{rule}", { path, ifMatch: data.etag });
            navigate(`/w/${workspace}/rules`);
          }}
        >
          <p>{text.rule.deleteHint(data.displayName)}</p>
        </FormDialog>
      )}
    </Page>
  );
}

function Fresh({ workspace }: { workspace: string }) {
  const navigate = useNavigate();
  const notices = useNotices();
  return (
    <Page title={text.rules.addTitle} lead={<Back workspace={workspace} />}>
      <Card>
        <RuleEditor
          workspace={workspace}
          mayWrite
          saved={(rule) => {
            notices.done(text.rule.saved);
            navigate(`/w/${workspace}/rules/${encodeURIComponent(rule.id)}`);
          }}
        />
      </Card>
    </Page>
  );
}

export default function RulePage() {
  const workspace = useWorkspace();
  const id = useParams().rule ?? "";
  return id === "new" ? <Fresh workspace={workspace} /> : <Existing workspace={workspace} id={id} />;
}

// SPDX-License-Identifier: Apache-2.0
// One incident in three columns: facts to edit, alerts and events in time, and entities, comments, activity.
import { Badge, Button, Tab, TabList } from "@fluentui/react-components";
import { ArrowLeftRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { call } from "@/api/client";
import { useLive } from "@/api/live";
import { useLoad } from "@/api/load";
import type { Incident, IncidentUpdate } from "@/api/types";
import { useKeys } from "@/app/keys";
import { useNotices } from "@/app/notices";
import { useMay, useProfile } from "@/app/session";
import { useUrl, useWorkspace } from "@/app/url_state";
import { SeverityMark, StatusMark } from "@/parts/marks";
import { Card, Page } from "@/parts/page";
import { Show } from "@/parts/states";
import { text } from "@/text";
import { ActivityList } from "./activity_list";
import { changeIncident } from "./change_incident";
import { CloseDialog } from "./close_dialog";
import { Comments } from "./comments";
import { Entities } from "./entities";
import { IncidentFacts } from "./incident_facts";
import { Timeline } from "./timeline";
import "./incidents.css";

function Sides({ workspace, incident, round, mayWrite, reload }: { workspace: string; incident: Incident; round: number; mayWrite: boolean; reload: () => void }) {
  const [url, setUrl] = useUrl();
  const tab = url.get("tab") ?? "entities";
  return (
    <>
      <TabList selectedValue={tab} onTabSelect={(_, data) => setUrl({ tab: data.value === "entities" ? undefined : String(data.value) })} className="card-tabs">
        <Tab value="entities">{text.incident.entities}</Tab>
        <Tab value="comments">
          {text.incident.comments} {incident.commentsCount > 0 && <Badge appearance="tint" size="small">{incident.commentsCount}</Badge>}
        </Tab>
        <Tab value="activity">{text.incident.activity}</Tab>
      </TabList>
      {tab === "entities" && <Entities workspace={workspace} number={incident.number} round={round} />}
      {tab === "comments" && <Comments workspace={workspace} number={incident.number} round={round} mayWrite={mayWrite} added={reload} />}
      {tab === "activity" && <ActivityList workspace={workspace} number={incident.number} round={round} />}
    </>
  );
}

export default function IncidentPage() {
  const workspace = useWorkspace();
  const navigate = useNavigate();
  const number = Number(useParams().number);
  const me = useProfile().user;
  const notices = useNotices();
  const mayWrite = useMay("incident.write", workspace);
  const [, setUrl] = useUrl();
  const [closing, setClosing] = useState(false);
  const [round, setRound] = useState(0);
  const incident = useLoad(`${workspace} ${number}`, (signal) => call("get", "/api/workspaces/{workspace}/incidents/{incident}", { path: { workspace, incident: number }, signal }));
  const reload = () => {
    incident.reload();
    setRound((n) => n + 1);
  };
  useLive(workspace, ["incident"], (event) => (event.id === undefined || event.id === String(number)) && reload());
  const change = async (update: IncidentUpdate) => {
    if (!incident.data) return;
    incident.replace(await changeIncident(workspace, incident.data, update));
    setRound((n) => n + 1);
  };
  const tryChange = (update: IncidentUpdate) =>
    update.status === "Closed" && !update.classification
      ? setClosing(true)
      : void change(update).catch((error: unknown) => {
          notices.failed(error);
          reload();
        });
  const whenWriting = (action: () => void) => () => mayWrite && incident.data && action();
  useKeys({
    a: whenWriting(() => tryChange({ owner: me.name })),
    e: whenWriting(() => setClosing(true)),
    c: () => {
      setUrl({ tab: "comments" });
      window.setTimeout(() => document.querySelector<HTMLElement>("#new-comment")?.focus(), 50);
    },
    Escape: () => navigate(`/w/${workspace}/incidents?status=New,Active`),
  });
  const data = incident.data;
  return (
    <Page
      title={data ? data.title : text.incident.numbered(number)}
      lead={
        <span className="row">
          <Link to={`/w/${workspace}/incidents?status=New,Active`} className="row back">
            <ArrowLeftRegular aria-hidden="true" /> {text.nav.incidents}
          </Link>
          <span className="number">#{number}</span>
          {data && <SeverityMark severity={data.severity} />}
          {data && <StatusMark status={data.status} />}
        </span>
      }
      actions={
        data &&
        mayWrite && (
          <>
            {data.owner?.name !== me.name && <Button onClick={() => tryChange({ owner: me.name })}>{text.incident.assignMe}</Button>}
            {data.status === "New" && <Button onClick={() => tryChange({ status: "Active" })}>{text.incident.activate}</Button>}
            {data.status === "Closed" ? (
              <Button onClick={() => tryChange({ status: "Active" })}>{text.incident.reopen}</Button>
            ) : (
              <Button appearance="primary" onClick={() => setClosing(true)}>{text.incident.close}</Button>
            )}
          </>
        )
      }
    >
      <Show of={incident}>
        {(shown) => (
          <div className="incident-columns">
            <Card className="incident-facts">
              <IncidentFacts workspace={workspace} incident={shown} mayWrite={mayWrite} change={tryChange} />
            </Card>
            <Card title={text.incident.timeline} className="incident-timeline">
              <Timeline workspace={workspace} number={number} round={round} />
            </Card>
            <Card className="incident-sides">
              <Sides workspace={workspace} incident={shown} round={round} mayWrite={mayWrite} reload={reload} />
            </Card>
            {closing && (
              <CloseDialog
                count={1}
                close={() => setClosing(false)}
                perform={async (update) => {
                  await change(update);
                  setClosing(false);
                  notices.done(text.incident.closedNotice);
                }}
              />
            )}
          </div>
        )}
      </Show>
    </Page>
  );
}

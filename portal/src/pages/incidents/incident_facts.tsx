// SPDX-License-Identifier: Apache-2.0
import { Button, Input, Select } from "@fluentui/react-components";
import { AddRegular, DismissRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { Link } from "react-router";
import { call } from "@/api/client";
import { useLoad } from "@/api/load";
import { incidentStatuses, severities, type Incident, type IncidentStatus, type IncidentUpdate, type Severity } from "@/api/types";
import { SeverityMark, StatusMark, Tags } from "@/parts/marks";
import { Facts } from "@/parts/page";
import { TimeText } from "@/parts/time_text";
import { text } from "@/text";
import { OwnerName } from "./owner";

interface Props {
  workspace: string;
  incident: Incident;
  mayWrite: boolean;
  change: (update: IncidentUpdate) => void;
}

function Labels({ incident, mayWrite, change }: Omit<Props, "workspace">) {
  const [typed, setTyped] = useState("");
  const names = incident.labels.map((label) => label.name);
  return (
    <div className="labels">
      {incident.labels.map((label) => (
        <span key={label.name} className="tag">
          {label.name}
          {mayWrite && label.kind === "User" && (
            <button type="button" aria-label={text.incident.removeLabel(label.name)} onClick={() => change({ labels: names.filter((name) => name !== label.name) })}>
              <DismissRegular />
            </button>
          )}
        </span>
      ))}
      {!mayWrite && names.length === 0 && <span className="quiet">–</span>}
      {mayWrite && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const name = typed.trim();
            if (name && !names.includes(name)) change({ labels: [...names, name] });
            setTyped("");
          }}
        >
          <Input size="small" appearance="underline" placeholder={text.incident.addLabel} aria-label={text.incident.addLabel} value={typed} onChange={(_, data) => setTyped(data.value)} contentAfter={typed ? <Button type="submit" size="small" appearance="transparent" icon={<AddRegular />} aria-label={text.incident.addLabel} /> : undefined} />
        </form>
      )}
    </div>
  );
}

export function IncidentFacts({ workspace, incident, mayWrite, change }: Props) {
  const members = useLoad(workspace, (signal) => call("get", "/api/workspaces/{workspace}/members", { path: { workspace }, query: { limit: 1000 }, signal }));
  const t = text.incident;
  const people = members.data?.items ?? [];
  const owner = incident.owner?.name ?? "";
  const edit = mayWrite
    ? {
        severity: (
          <Select aria-label={t.severity} value={incident.severity} onChange={(_, data) => change({ severity: data.value as Severity })} data-testid="severity">
            {severities.map((severity) => <option key={severity} value={severity}>{text.severity[severity]}</option>)}
          </Select>
        ),
        status: (
          <Select aria-label={t.status} value={incident.status} onChange={(_, data) => change({ status: data.value as IncidentStatus })} data-testid="status">
            {incidentStatuses.map((status) => <option key={status} value={status}>{text.status[status]}</option>)}
          </Select>
        ),
        owner: (
          <Select aria-label={t.owner} value={owner} onChange={(_, data) => change({ owner: data.value || null })} data-testid="owner">
            <option value="">{t.unassigned}</option>
            {owner && !people.some((person) => person.name === owner) && <option value={owner}>{incident.owner?.displayName || owner}</option>}
            {people.map((person) => <option key={person.name} value={person.name}>{person.displayName || person.name}</option>)}
          </Select>
        ),
      }
    : { severity: <SeverityMark severity={incident.severity} />, status: <StatusMark status={incident.status} />, owner: <OwnerName owner={incident.owner} /> };
  return (
    <Facts
      items={[
        [t.severity, edit.severity],
        [t.status, edit.status],
        [t.owner, edit.owner],
        ...(incident.classification
          ? [[t.classification, <span key="c">{text.classification[incident.classification]}{incident.classificationReason && ` – ${text.reason[incident.classificationReason]}`}{incident.classificationComment && <span className="quiet block">{incident.classificationComment}</span>}</span>] as [string, React.ReactNode]]
          : []),
        [t.description, <span key="d" className="pre">{incident.description || "–"}</span>, "wide"],
        [t.tactics, <Tags key="t" names={incident.tactics} limit={8} />],
        [t.techniques, <Tags key="q" names={incident.techniques} limit={12} />],
        [t.labels, <Labels key="l" incident={incident} mayWrite={mayWrite} change={change} />, "wide"],
        [t.firstActivity, <TimeText key="f" time={incident.firstActivityTime} />],
        [t.lastActivity, <TimeText key="la" time={incident.lastActivityTime} />],
        [t.created, <TimeText key="cr" time={incident.createdTime} />],
        ...(incident.closedTime ? [[t.closed, <TimeText key="cl" time={incident.closedTime} />] as [string, React.ReactNode]] : []),
        [t.rules, <span key="r">{incident.ruleIds.length === 0 ? "–" : incident.ruleIds.map((id) => <Link key={id} className="block break" to={`/w/${workspace}/rules/${encodeURIComponent(id)}`}>{id}</Link>)}</span>],
      ]}
    />
  );
}

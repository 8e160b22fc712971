// SPDX-License-Identifier: Apache-2.0
// The rule's YAML, checked by the server before it is saved.
import { Button, Textarea } from "@fluentui/react-components";
import { useState } from "react";
import { call, type ApiFailure } from "@/api/client";
import { asFailure } from "@/api/load";
import type { Diagnostic, RuleDetail } from "@/api/types";
import { FailureLine } from "@/parts/states";
import { text } from "@/text";

const example = (id: string) => `id: ${id}
name: Many failed sign-ins of one account
description: |
  Twenty or more failed Windows sign-ins of one account within an hour.
severity: Medium
queryFrequency: 1h
queryPeriod: 1h
triggerOperator: gt
triggerThreshold: 0
tactics:
  - CredentialAccess
relevantTechniques:
  - T1110
query: |
  SecurityEvent
  | where EventID == 4625
  | summarize Failures = count(), Hosts = make_set(Computer, 20), TimeGenerated = max(TimeGenerated) by TargetAccount
  | where Failures >= 20
entityMappings:
  - entityType: Account
    fieldMappings:
      - identifier: FullName
        columnName: TargetAccount
version: 1.0.0
kind: Scheduled
`;

function freshId(): string {
  const hex = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

interface Props {
  workspace: string;
  rule?: RuleDetail;
  mayWrite: boolean;
  saved: (rule: RuleDetail) => void;
}

export function RuleEditor({ workspace, rule, mayWrite, saved }: Props) {
  const [yaml, setYaml] = useState(() => rule?.yaml ?? example(freshId()));
  const [diagnostics, setDiagnostics] = useState<Diagnostic[]>();
  const [waiting, setWaiting] = useState<string[]>([]);
  const [failure, setFailure] = useState<ApiFailure>();
  const [busy, setBusy] = useState(false);
  const attempt = async (action: () => Promise<void>) => {
    setBusy(true);
    setFailure(undefined);
    try {
      await action();
    } catch (error) {
      setFailure(asFailure(error));
    }
    setBusy(false);
  };
  const validate = async () => {
    const checked = await call("post", "/api/workspaces/{workspace}/rules/validate", { path: { workspace }, body: { yaml } });
    setDiagnostics(checked.diagnostics);
    setWaiting(checked.waitingFor ?? []);
    return checked;
  };
  const save = async () => {
    const checked = await validate();
    const id = rule?.id ?? checked.id;
    if (!checked.valid || !id) return;
    saved(await call("put", "/api/workspaces/{workspace}/rules/{rule}", { path: { workspace, rule: id }, body: { yaml, ...(rule ? { enabled: rule.enabled } : {}) }, ...(rule ? { ifMatch: rule.etag } : {}) }));
  };
  return (
    <div className="stack">
      <Textarea
        className="rule-yaml"
        aria-label={text.rule.source}
        value={yaml}
        readOnly={!mayWrite}
        resize="vertical"
        spellCheck={false}
        onChange={(_, data) => {
          setYaml(data.value);
          setDiagnostics(undefined);
        }}
      />
      {diagnostics?.map((one, i) => (
        <p key={i} className={`diagnostic diagnostic-${one.severity}`}>
          <strong>{one.code}</strong> {text.logs.at(one.line, one.column)}: {one.message}
        </p>
      ))}
      {diagnostics?.length === 0 && <p className="diagnostic diagnostic-good">{text.rule.valid}</p>}
      {waiting.length > 0 && <p className="diagnostic diagnostic-warning">{text.rule.waitsFor(waiting.join(", "))}</p>}
      {failure && <FailureLine failure={failure} />}
      <div className="row">
        <Button disabled={busy} onClick={() => void attempt(async () => void (await validate()))}>{text.rule.validate}</Button>
        {mayWrite && <Button appearance="primary" disabled={busy || yaml === rule?.yaml} onClick={() => void attempt(save)}>{text.rule.save}</Button>}
      </div>
    </div>
  );
}

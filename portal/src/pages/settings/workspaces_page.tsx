// SPDX-License-Identifier: Apache-2.0
import { Button, Field, Input } from "@fluentui/react-components";
import { AddRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { Link } from "react-router";
import { call } from "@/api/client";
import { useLoad } from "@/api/load";
import type { Workspace } from "@/api/types";
import { useNotices } from "@/app/notices";
import { useMay, useProfile, useSession } from "@/app/session";
import { FormDialog } from "@/parts/confirm";
import { DataTable, type TableColumn } from "@/parts/data_table";
import { Card } from "@/parts/page";
import { Empty, Show } from "@/parts/states";
import { TimeText } from "@/parts/time_text";
import { text } from "@/text";
import { SettingsFrame } from "./settings_frame";

function NewWorkspace({ close, made }: { close: () => void; made: () => void }) {
  const [name, setName] = useState("");
  const [displayName, setDisplayName] = useState("");
  return (
    <FormDialog
      title={text.workspace.addTitle}
      action={text.workspace.create}
      ready={/^[a-z][a-z0-9-]{0,62}$/.test(name)}
      close={close}
      perform={async () => {
        await call("post", "/api/workspaces", { body: { name, ...(displayName ? { displayName } : {}) } });
        made();
      }}
    >
      <Field label={text.workspace.name} hint={text.workspace.nameHint} required>
        <Input value={name} onChange={(_, data) => setName(data.value)} />
      </Field>
      <Field label={text.workspace.displayName}>
        <Input value={displayName} onChange={(_, data) => setDisplayName(data.value)} />
      </Field>
    </FormDialog>
  );
}

function RemoveWorkspace({ workspace, close, removed }: { workspace: Workspace; close: () => void; removed: () => void }) {
  const [typed, setTyped] = useState("");
  return (
    <FormDialog
      title={text.workspace.deleteTitle}
      action={text.workspace.delete}
      ready={typed === workspace.name}
      close={close}
      perform={async () => {
        await call("delete", "/api/workspaces/{workspace}", { path: { workspace: workspace.name } });
        removed();
      }}
    >
      <p>{text.workspace.deleteHint(workspace.displayName)}</p>
      <Field label={text.workspace.typeName(workspace.name)}>
        <Input value={typed} onChange={(_, data) => setTyped(data.value)} />
      </Field>
    </FormDialog>
  );
}

export default function WorkspacesPage() {
  const creates = useMay("workspace.create");
  const { workspaces: held } = useProfile();
  const deletable = (name: string) => held.some((entry) => entry.name === name && entry.permissions.includes("workspace.admin"));
  const notices = useNotices();
  const { refresh } = useSession();
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<Workspace>();
  const list = useLoad("workspaces", (signal) => call("get", "/api/workspaces", { query: { limit: 1000 }, signal }));
  const columns: TableColumn<Workspace>[] = [
    { id: "name", header: text.workspace.displayName, role: "title", cell: (row) => (row.role ? <Link to={`/w/${row.name}/overview`}>{row.displayName}</Link> : row.displayName) },
    { id: "id", header: text.workspace.name, cell: (row) => <code>{row.name}</code> },
    { id: "role", header: text.workspace.role, cell: (row) => (row.role ? text.role[row.role] : <span className="quiet">{text.users.noRole}</span>) },
    { id: "created", header: text.token.created, cell: (row) => <TimeText time={row.createdTime} /> },
    { id: "actions", header: "", align: "right", width: "110px", cell: (row) => deletable(row.name) && <Button size="small" onClick={() => setRemoving(row)}>{text.workspace.delete}</Button> },
  ];
  return (
    <SettingsFrame title={text.settings.workspaces} actions={creates && <Button appearance="primary" icon={<AddRegular />} onClick={() => setAdding(true)}>{text.workspace.add}</Button>}>
      <Card className="card-flush">
        <Show of={list}>
          {(data) => (data.items.length === 0 ? <Empty title={text.workspace.none}>{creates ? text.workspace.noneHint : text.states.deniedHint}</Empty> : <DataTable label={text.settings.workspaces} columns={columns} rows={data.items} rowKey={(row) => row.name} />)}
        </Show>
      </Card>
      {adding && <NewWorkspace close={() => setAdding(false)} made={() => { setAdding(false); list.reload(); void refresh(); }} />}
      {removing && <RemoveWorkspace workspace={removing} close={() => setRemoving(undefined)} removed={() => { setRemoving(undefined); notices.done(text.workspace.deleting); list.reload(); void refresh(); }} />}
    </SettingsFrame>
  );
}

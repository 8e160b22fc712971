// SPDX-License-Identifier: Apache-2.0
// API tokens of one workspace.
import { Button, Field, Input, Select } from "@fluentui/react-components";
import { AddRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { call } from "@/api/client";
import { useLoad } from "@/api/load";
import { roles, type Role, type Token, type TokenCreated } from "@/api/types";
import { useNotices } from "@/app/notices";
import { useProfile } from "@/app/session";
import { useUrl } from "@/app/url_state";
import { FormDialog } from "@/parts/confirm";
import { CopyBlock } from "@/parts/copy_block";
import { DataTable, type TableColumn } from "@/parts/data_table";
import { Card } from "@/parts/page";
import { Empty, Show } from "@/parts/states";
import { TimeText } from "@/parts/time_text";
import { text } from "@/text";
import { SettingsFrame } from "./settings_frame";

const longestDays = 366;

function NewToken({ workspace, close, made }: { workspace: string; close: () => void; made: (token: TokenCreated) => void }) {
  const held = useProfile().workspaces.find((entry) => entry.name === workspace)?.role ?? "Reader";
  const allowed = roles.slice(0, roles.indexOf(held) + 1);
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("Reader");
  const [days, setDays] = useState("90");
  const number = Number(days);
  return (
    <FormDialog
      title={text.token.newTitle}
      action={text.token.create}
      ready={name.trim() !== "" && Number.isInteger(number) && number >= 1 && number <= longestDays}
      close={close}
      perform={async () => made(await call("post", "/api/workspaces/{workspace}/tokens", { path: { workspace }, body: { name: name.trim(), role, expiresDays: number } }))}
    >
      <Field label={text.token.name} hint={text.token.nameHint} required>
        <Input value={name} maxLength={100} onChange={(_, data) => setName(data.value)} />
      </Field>
      <Field label={text.token.role} hint={text.roleMeaning[role]}>
        <Select value={role} onChange={(_, data) => setRole(data.value as Role)}>
          {allowed.map((entry) => <option key={entry} value={entry}>{text.role[entry]}</option>)}
        </Select>
      </Field>
      <Field label={text.token.days}>
        <Input type="number" min={1} max={longestDays} value={days} onChange={(_, data) => setDays(data.value)} />
      </Field>
    </FormDialog>
  );
}

function Tokens({ workspace }: { workspace: string }) {
  const notices = useNotices();
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<TokenCreated>();
  const [removing, setRemoving] = useState<Token>();
  const list = useLoad(workspace, (signal) => call("get", "/api/workspaces/{workspace}/tokens", { path: { workspace }, query: { limit: 1000 }, signal }));
  const columns: TableColumn<Token>[] = [
    { id: "name", header: text.token.name, role: "title", cell: (row) => row.name },
    { id: "owner", header: text.token.owner, cell: (row) => row.owner },
    { id: "role", header: text.token.role, cell: (row) => text.role[row.role] },
    { id: "created", header: text.token.created, role: "wide", cell: (row) => <TimeText time={row.createdTime} ago /> },
    { id: "used", header: text.token.used, cell: (row) => <TimeText time={row.lastUsedTime} ago /> },
    { id: "expires", header: text.token.expires, cell: (row) => <TimeText time={row.expiresTime} ago /> },
    { id: "actions", header: "", align: "right", width: "120px", cell: (row) => <Button size="small" onClick={() => setRemoving(row)}>{text.token.withdraw}</Button> },
  ];
  const add = <Button appearance="primary" icon={<AddRegular />} onClick={() => setAdding(true)}>{text.token.add}</Button>;
  return (
    <>
      <div>{add}</div>
      {made && (
        <Card title={text.token.madeTitle(made.name)} aside={<Button size="small" appearance="subtle" onClick={() => setMade(undefined)}>{text.states.dismiss}</Button>}>
          <p className="token-hint">{text.token.madeHint}</p>
          <CopyBlock content={made.secret} />
        </Card>
      )}
      <Card className="card-flush">
        <Show of={list}>
          {(data) => (data.items.length === 0 ? <Empty title={text.token.none}>{text.token.noneHint}</Empty> : <DataTable label={text.settings.tokens} columns={columns} rows={data.items} rowKey={(row) => row.id} />)}
        </Show>
      </Card>
      {adding && (
        <NewToken
          workspace={workspace}
          close={() => setAdding(false)}
          made={(token) => {
            setAdding(false);
            setMade(token);
            list.reload();
          }}
        />
      )}
      {removing && (
        <FormDialog
          title={text.token.withdrawTitle}
          action={text.token.withdraw}
          close={() => setRemoving(undefined)}
          perform={async () => {
            await call("delete", "/api/workspaces/{workspace}/tokens/{token}", { path: { workspace, token: removing.id } });
            setRemoving(undefined);
            notices.done(text.token.withdrawn);
            list.reload();
          }}
        >
          <p>{text.token.withdrawHint(removing.name)}</p>
        </FormDialog>
      )}
    </>
  );
}

export default function TokensPage() {
  const [url, setUrl] = useUrl();
  const managed = useProfile().workspaces.filter((entry) => entry.permissions.includes("token.manage"));
  const workspace = url.get("workspace") ?? managed[0]?.name;
  return (
    <SettingsFrame
      title={text.settings.tokens}
      actions={
        managed.length > 1 && (
          <Select aria-label={text.token.workspace} value={workspace} onChange={(_, data) => setUrl({ workspace: data.value })}>
            {managed.map((entry) => <option key={entry.name} value={entry.name}>{entry.displayName}</option>)}
          </Select>
        )
      }
    >
      {workspace ? <Tokens key={workspace} workspace={workspace} /> : <Empty title={text.states.deniedTitle}>{text.states.deniedHint}</Empty>}
    </SettingsFrame>
  );
}

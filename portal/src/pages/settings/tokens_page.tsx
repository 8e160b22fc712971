// SPDX-License-Identifier: Apache-2.0
import { Button, Field, Input, Select } from "@fluentui/react-components";
import { AddRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { call } from "@/api/client";
import { useLoad } from "@/api/load";
import { roles, type Role, type Token, type TokenCreated } from "@/api/types";
import { useNotices } from "@/app/notices";
import { useProfile } from "@/app/session";
import { FormDialog } from "@/parts/confirm";
import { CopyBlock } from "@/parts/copy_block";
import { DataTable, type TableColumn } from "@/parts/data_table";
import { Card } from "@/parts/page";
import { Empty, Show } from "@/parts/states";
import { TimeText } from "@/parts/time_text";
import { text } from "@/text";
import { SettingsFrame } from "./settings_frame";

function NewToken({ close, made }: { close: () => void; made: (token: TokenCreated) => void }) {
  const { workspaces } = useProfile();
  const [name, setName] = useState("");
  const [workspace, setWorkspace] = useState(workspaces[0]?.name ?? "");
  const held = workspaces.find((entry) => entry.name === workspace)?.role ?? "Reader";
  const allowed = roles.slice(0, roles.indexOf(held) + 1);
  const [role, setRole] = useState<Role>("Reader");
  const [days, setDays] = useState("90");
  const number = Number(days);
  return (
    <FormDialog
      title={text.token.newTitle}
      action={text.token.create}
      ready={name.trim() !== "" && workspace !== "" && Number.isInteger(number) && number >= 1 && number <= 730}
      close={close}
      perform={async () => made(await call("post", "/api/tokens", { body: { name: name.trim(), workspace, role: allowed.includes(role) ? role : "Reader", expiresDays: number } }))}
    >
      <Field label={text.token.name} hint={text.token.nameHint} required>
        <Input value={name} maxLength={128} onChange={(_, data) => setName(data.value)} />
      </Field>
      <Field label={text.token.workspace}>
        <Select value={workspace} onChange={(_, data) => setWorkspace(data.value)}>
          {workspaces.map((entry) => <option key={entry.name} value={entry.name}>{entry.displayName}</option>)}
        </Select>
      </Field>
      <Field label={text.token.role} hint={text.roleMeaning[allowed.includes(role) ? role : "Reader"]}>
        <Select value={role} onChange={(_, data) => setRole(data.value as Role)}>
          {allowed.map((entry) => <option key={entry} value={entry}>{text.role[entry]}</option>)}
        </Select>
      </Field>
      <Field label={text.token.days}>
        <Input type="number" min={1} max={730} value={days} onChange={(_, data) => setDays(data.value)} />
      </Field>
    </FormDialog>
  );
}

export default function TokensPage() {
  const notices = useNotices();
  const hasWorkspace = useProfile().workspaces.length > 0;
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<TokenCreated>();
  const [removing, setRemoving] = useState<Token>();
  const list = useLoad("tokens", (signal) => call("get", "/api/tokens", { query: { limit: 1000 }, signal }));
  const columns: TableColumn<Token>[] = [
    { id: "name", header: text.token.name, role: "title", cell: (row) => row.name },
    { id: "owner", header: text.token.owner, cell: (row) => row.owner },
    { id: "workspace", header: text.token.workspace, cell: (row) => row.workspace },
    { id: "role", header: text.token.role, cell: (row) => text.role[row.role] },
    { id: "created", header: text.token.created, role: "wide", cell: (row) => <TimeText time={row.createdTime} ago /> },
    { id: "used", header: text.token.used, cell: (row) => <TimeText time={row.lastUsedTime} ago /> },
    { id: "expires", header: text.token.expires, cell: (row) => <TimeText time={row.expiresTime} ago /> },
    { id: "actions", header: "", align: "right", cell: (row) => <Button size="small" onClick={() => setRemoving(row)}>{text.token.withdraw}</Button> },
  ];
  const add = hasWorkspace && <Button appearance="primary" icon={<AddRegular />} onClick={() => setAdding(true)}>{text.token.add}</Button>;
  return (
    <SettingsFrame title={text.settings.tokens} actions={add}>
      {made && (
        <Card title={text.token.madeTitle(made.name)} aside={<Button size="small" appearance="subtle" onClick={() => setMade(undefined)}>{text.states.dismiss}</Button>}>
          <p className="token-hint">{text.token.madeHint}</p>
          <CopyBlock content={made.secret} />
        </Card>
      )}
      <Card className="card-flush">
        <Show of={list}>
          {(data) => (data.items.length === 0 ? <Empty title={text.token.none} action={add}>{text.token.noneHint}</Empty> : <DataTable label={text.settings.tokens} columns={columns} rows={data.items} rowKey={(row) => row.id} />)}
        </Show>
      </Card>
      {adding && (
        <NewToken
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
            await call("delete", "/api/tokens/{token}", { path: { token: removing.id } });
            setRemoving(undefined);
            notices.done(text.token.withdrawn);
            list.reload();
          }}
        >
          <p>{text.token.withdrawHint(removing.name)}</p>
        </FormDialog>
      )}
    </SettingsFrame>
  );
}

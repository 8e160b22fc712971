// SPDX-License-Identifier: Apache-2.0
import { Button, Checkbox, Field, Input } from "@fluentui/react-components";
import { PersonAddRegular } from "@fluentui/react-icons";
import { useCallback, useState } from "react";
import { call } from "@/api/client";
import { useLoad } from "@/api/load";
import type { User } from "@/api/types";
import { useUrl } from "@/app/url_state";
import { FormDialog } from "@/parts/confirm";
import { DataTable, type TableColumn } from "@/parts/data_table";
import { SearchFilter } from "@/parts/filters";
import { StateMark, Tags } from "@/parts/marks";
import { Card } from "@/parts/page";
import { Empty, Show } from "@/parts/states";
import { TimeText } from "@/parts/time_text";
import { text } from "@/text";
import { SettingsFrame } from "./settings_frame";
import { UserDialog } from "./user_dialog";

function NewUser({ close, made }: { close: () => void; made: () => void }) {
  const [values, setValues] = useState({ name: "", password: "", administrator: false });
  const set = (change: Partial<typeof values>) => setValues({ ...values, ...change });
  return (
    <FormDialog
      title={text.users.addTitle}
      action={text.users.add}
      ready={/^[A-Za-z0-9._@-]{1,64}$/.test(values.name) && values.password.length >= 12}
      close={close}
      perform={async () => {
        await call("post", "/api/users", { body: values });
        made();
      }}
    >
      <Field label={text.user.name} hint={text.users.nameHint} required>
        <Input value={values.name} autoComplete="off" onChange={(_, data) => set({ name: data.value })} />
      </Field>
      <Field label={text.users.firstPassword} hint={text.users.firstPasswordHint} required>
        <Input type="password" autoComplete="new-password" value={values.password} onChange={(_, data) => set({ password: data.value })} />
      </Field>
      <Checkbox label={text.user.administrator} checked={values.administrator} onChange={(_, data) => set({ administrator: data.checked === true })} />
    </FormDialog>
  );
}

const columns: TableColumn<User>[] = [
  { id: "name", header: text.user.name, sort: "name", role: "title", cell: (row) => <span className="user-cell">{row.displayName || row.name}{row.displayName && <span className="quiet small">{row.name}</span>}</span> },
  { id: "state", header: text.users.state, width: "120px", cell: (row) => <StateMark state={row.enabled ? "Enabled" : "Disabled"} /> },
  { id: "administrator", header: text.user.administrator, width: "130px", cell: (row) => (row.administrator ? text.dialog.yes : <span className="quiet">–</span>) },
  { id: "roles", header: text.user.roles, cell: (row) => <Tags names={row.roles.map((entry) => `${entry.workspace}: ${text.role[entry.role]}`)} /> },
  { id: "signIn", header: text.users.lastSignIn, width: "130px", cell: (row) => <TimeText time={row.lastSignInTime} ago /> },
  { id: "created", header: text.token.created, width: "120px", role: "wide", cell: (row) => <TimeText time={row.createdTime} ago /> },
];

export default function UsersPage() {
  const [url, setUrl] = useUrl();
  const [adding, setAdding] = useState(false);
  const searched = url.get("search") ?? "";
  const list = useLoad(`users ${searched}`, (signal) => call("get", "/api/users", { query: { limit: 1000, search: searched }, signal }));
  const search = useCallback((value: string) => setUrl({ search: value }), [setUrl]);
  const chosen = list.data?.items.find((user) => user.name === url.get("user"));
  return (
    <SettingsFrame title={text.settings.users} actions={<Button appearance="primary" icon={<PersonAddRegular />} onClick={() => setAdding(true)}>{text.users.add}</Button>}>
      <div className="filters"><SearchFilter label={text.users.search} value={searched} onChange={search} /></div>
      <Card className="card-flush">
        <Show of={list}>
          {(data) => (data.items.length === 0 ? <Empty title={text.users.noMatch} /> : <DataTable label={text.settings.users} columns={columns} rows={data.items} rowKey={(row) => row.name} onOpen={(row) => setUrl({ user: row.name })} />)}
        </Show>
      </Card>
      {adding && <NewUser close={() => setAdding(false)} made={() => { setAdding(false); list.reload(); }} />}
      {chosen && <UserDialog key={chosen.name} user={chosen} close={() => setUrl({ user: undefined })} changed={list.reload} />}
    </SettingsFrame>
  );
}

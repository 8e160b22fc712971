// SPDX-License-Identifier: Apache-2.0
// One user: roles in each workspace, enabled, administrator, a new first password, deletion.
import { Button, Dialog, DialogActions, DialogBody, DialogContent, DialogSurface, DialogTitle, Field, Input, Select, Switch } from "@fluentui/react-components";
import { useState } from "react";
import { call, type ApiFailure } from "@/api/client";
import { asFailure, useLoad } from "@/api/load";
import { roles, type Role, type User } from "@/api/types";
import { useProfile } from "@/app/session";
import { FailureLine } from "@/parts/states";
import { text } from "@/text";

export function UserDialog({ user, close, changed }: { user: User; close: () => void; changed: () => void }) {
  const me = useProfile().user.name;
  const [failure, setFailure] = useState<ApiFailure>();
  const [password, setPassword] = useState("");
  const [sure, setSure] = useState(false);
  const workspaces = useLoad("workspaces", (signal) => call("get", "/api/workspaces", { query: { limit: 1000 }, signal }));
  const attempt = async (action: () => Promise<unknown>) => {
    setFailure(undefined);
    try {
      await action();
      changed();
    } catch (error) {
      setFailure(asFailure(error));
    }
  };
  const path = { user: user.name };
  const update = (body: { enabled?: boolean; administrator?: boolean; password?: string }) => attempt(() => call("patch", "/api/users/{user}", { path, body, ifMatch: user.etag }));
  const assign = (workspace: string, role: Role | "") =>
    attempt(() =>
      role
        ? call("put", "/api/users/{user}/roles/{workspace}", { path: { ...path, workspace }, body: { role } })
        : call("delete", "/api/users/{user}/roles/{workspace}", { path: { ...path, workspace } }),
    );
  return (
    <Dialog open onOpenChange={(_, data) => !data.open && close()}>
      <DialogSurface aria-describedby={undefined}>
        <DialogBody>
          <DialogTitle>{user.displayName || user.name}</DialogTitle>
          <DialogContent className="form">
            {failure && <FailureLine failure={failure} />}
            <div className="row">
              <Switch label={text.users.enabled} checked={user.enabled} disabled={user.name === me} onChange={(_, data) => void update({ enabled: data.checked })} />
              <Switch label={text.user.administrator} checked={user.administrator} disabled={user.name === me} onChange={(_, data) => void update({ administrator: data.checked })} />
            </div>
            <h3>{text.user.roles}</h3>
            {(workspaces.data?.items ?? []).map((workspace) => (
              <Field key={workspace.name} label={workspace.displayName} orientation="horizontal">
                <Select value={user.roles.find((entry) => entry.workspace === workspace.name)?.role ?? ""} onChange={(_, data) => void assign(workspace.name, data.value as Role | "")}>
                  <option value="">{text.users.noRole}</option>
                  {roles.map((role) => <option key={role} value={role}>{text.role[role]}</option>)}
                </Select>
              </Field>
            ))}
            <h3>{text.users.newPassword}</h3>
            <div className="row">
              <Input className="grow" type="password" autoComplete="new-password" aria-label={text.users.newPassword} value={password} onChange={(_, data) => setPassword(data.value)} />
              <Button disabled={password.length < 12} onClick={() => void update({ password }).then(() => setPassword(""))}>{text.users.setPassword}</Button>
            </div>
            <span className="quiet small">{text.users.firstPasswordHint}</span>
          </DialogContent>
          <DialogActions>
            {user.name !== me && (
              <Button
                onClick={() => {
                  if (!sure) setSure(true);
                  else void attempt(() => call("delete", "/api/users/{user}", { path })).then(close);
                }}
              >
                {sure ? text.users.reallyDelete : text.users.delete}
              </Button>
            )}
            <Button appearance="primary" onClick={close}>{text.dialog.close}</Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}

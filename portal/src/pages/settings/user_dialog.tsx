// SPDX-License-Identifier: Apache-2.0
// One user: roles in the workspaces the caller manages, enabled, administrator, a new first password, deletion.
import { Button, Dialog, DialogActions, DialogBody, DialogContent, DialogSurface, DialogTitle, Field, Select, Switch } from "@fluentui/react-components";
import { useState } from "react";
import { call, type ApiFailure } from "@/api/client";
import { asFailure } from "@/api/load";
import { roles, type Role, type User } from "@/api/types";
import { useProfile } from "@/app/session";
import { CopyBlock } from "@/parts/copy_block";
import { FailureLine } from "@/parts/states";
import { text } from "@/text";

export function UserDialog({ user, close, changed }: { user: User; close: () => void; changed: () => void }) {
  const profile = useProfile();
  const isMe = user.name === profile.user.name;
  const managed = profile.workspaces.filter((entry) => entry.permissions.includes("member.manage"));
  const [failure, setFailure] = useState<ApiFailure>();
  const [password, setPassword] = useState("");
  const [sure, setSure] = useState(false);
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
  const update = (body: { enabled?: boolean; administrator?: boolean }) => attempt(() => call("patch", "/api/users/{user}", { path, body, ifMatch: user.etag }));
  const assign = (workspace: string, role: Role | "") =>
    attempt(() =>
      role
        ? call("put", "/api/workspaces/{workspace}/members/{user}", { path: { ...path, workspace }, body: { role } })
        : call("delete", "/api/workspaces/{workspace}/members/{user}", { path: { ...path, workspace } }),
    );
  const reset = () => attempt(async () => setPassword((await call("post", "/api/users/{user}/password", { path })).password));
  return (
    <Dialog open onOpenChange={(_, data) => !data.open && close()}>
      <DialogSurface aria-describedby={undefined}>
        <DialogBody>
          <DialogTitle>{user.displayName || user.name}</DialogTitle>
          <DialogContent className="form">
            {failure && <FailureLine failure={failure} />}
            <div className="row">
              <Switch label={text.users.enabled} checked={user.enabled} disabled={isMe} onChange={(_, data) => void update({ enabled: data.checked })} />
              <Switch label={text.user.administrator} checked={user.administrator} disabled={isMe} onChange={(_, data) => void update({ administrator: data.checked })} />
            </div>
            <h3>{text.user.roles}</h3>
            {managed.length === 0 && <p className="quiet">{text.users.manageNone}</p>}
            {managed.map((workspace) => (
              <Field key={workspace.name} label={workspace.displayName} orientation="horizontal">
                <Select value={user.roles.find((entry) => entry.workspace === workspace.name)?.role ?? ""} onChange={(_, data) => void assign(workspace.name, data.value as Role | "")}>
                  <option value="">{text.users.noRole}</option>
                  {roles.map((role) => <option key={role} value={role}>{text.role[role]}</option>)}
                </Select>
              </Field>
            ))}
            {!isMe && (
              <>
                <h3>{text.user.password}</h3>
                {password ? (
                  <>
                    <CopyBlock content={password} />
                    <span className="quiet small">{text.users.resetHint}</span>
                  </>
                ) : (
                  <div>
                    <Button onClick={() => void reset()}>{text.users.reset}</Button>
                  </div>
                )}
              </>
            )}
          </DialogContent>
          <DialogActions>
            {!isMe && (
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

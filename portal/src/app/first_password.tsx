// SPDX-License-Identifier: Apache-2.0
// A password that somebody else chose must be replaced before anything else.
import { Button } from "@fluentui/react-components";
import { useState } from "react";
import { call, type ApiFailure } from "@/api/client";
import { asFailure } from "@/api/load";
import { Logo } from "@/parts/logo";
import { FailureLine } from "@/parts/states";
import { text } from "@/text";
import { noPasswords, PasswordFields, passwordsReady } from "./password_fields";
import { useSession } from "./session";

export function FirstPassword() {
  const { refresh, signOut } = useSession();
  const [passwords, setPasswords] = useState(noPasswords);
  const [failure, setFailure] = useState<ApiFailure>();
  const submit = async () => {
    try {
      await call("post", "/api/session/password", { body: { oldPassword: passwords.old, newPassword: passwords.fresh } });
      await refresh();
    } catch (error) {
      setFailure(asFailure(error));
    }
  };
  return (
    <main className="sign-in">
      <form
        className="sign-in-card"
        onSubmit={(event) => {
          event.preventDefault();
          if (passwordsReady(passwords)) void submit();
        }}
      >
        <div className="sign-in-brand">
          <Logo size={44} />
          <div className="sign-in-name">Garrison</div>
        </div>
        <h1>{text.password.firstTitle}</h1>
        <p className="quiet">{text.password.firstHint}</p>
        {failure && <FailureLine failure={failure} />}
        <PasswordFields value={passwords} onChange={setPasswords} />
        <Button type="submit" appearance="primary" size="large" disabled={!passwordsReady(passwords)}>
          {text.password.action}
        </Button>
        <Button appearance="subtle" onClick={() => void signOut()}>
          {text.user.signOut}
        </Button>
      </form>
    </main>
  );
}

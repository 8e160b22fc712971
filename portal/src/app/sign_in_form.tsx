// SPDX-License-Identifier: Apache-2.0
import { Button, Field, Input } from "@fluentui/react-components";
import { useEffect, useState } from "react";
import type { ApiFailure } from "@/api/client";
import { asFailure } from "@/api/load";
import { Logo } from "@/parts/logo";
import { FailureLine } from "@/parts/states";
import { text } from "@/text";
import { useSession } from "./session";

export function SignInForm({ ended }: { ended: boolean }) {
  const { signIn } = useSession();
  const [user, setUser] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<ApiFailure>();
  useEffect(() => {
    document.title = `${text.signIn.title} · Garrison`;
  }, []);
  const submit = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      await signIn(user, password);
    } catch (error) {
      setFailure(asFailure(error));
      setPassword("");
      setBusy(false);
    }
  };
  return (
    <main className="sign-in">
      <form
        className="sign-in-card"
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy && user && password) void submit();
        }}
      >
        <div className="sign-in-brand">
          <Logo size={44} />
          <div>
            <div className="sign-in-name">Garrison</div>
            <div className="quiet">{text.product}</div>
          </div>
        </div>
        <h1>{text.signIn.title}</h1>
        {ended && !failure && <p className="quiet">{text.signIn.ended}</p>}
        {failure && <FailureLine failure={failure} />}
        <Field label={text.signIn.user}>
          <Input name="user" size="large" autoComplete="username" autoFocus value={user} onChange={(_, data) => setUser(data.value)} />
        </Field>
        <Field label={text.signIn.password}>
          <Input name="password" size="large" type="password" autoComplete="current-password" value={password} onChange={(_, data) => setPassword(data.value)} />
        </Field>
        <Button type="submit" appearance="primary" size="large" disabled={busy || !user || !password}>
          {busy ? text.signIn.busy : text.signIn.action}
        </Button>
        <p className="quiet small">{text.signIn.hint}</p>
      </form>
    </main>
  );
}

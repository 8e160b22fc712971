// SPDX-License-Identifier: Apache-2.0
import { Button, Radio, RadioGroup } from "@fluentui/react-components";
import { useState } from "react";
import { call, type ApiFailure } from "@/api/client";
import { asFailure } from "@/api/load";
import { useNotices } from "@/app/notices";
import { noPasswords, PasswordFields, passwordsReady } from "@/app/password_fields";
import { usePreferences, type ThemeChoice } from "@/app/preferences";
import { useProfile } from "@/app/session";
import { Card, Facts } from "@/parts/page";
import { FailureLine } from "@/parts/states";
import { text } from "@/text";
import { SettingsFrame } from "./settings_frame";

function Password() {
  const notices = useNotices();
  const [passwords, setPasswords] = useState(noPasswords);
  const [failure, setFailure] = useState<ApiFailure>();
  const submit = async () => {
    setFailure(undefined);
    try {
      await call("post", "/api/session/password", { body: { oldPassword: passwords.old, newPassword: passwords.fresh } });
      setPasswords(noPasswords);
      notices.done(text.password.done);
    } catch (error) {
      setFailure(asFailure(error));
    }
  };
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (passwordsReady(passwords)) void submit();
      }}
    >
      <PasswordFields value={passwords} onChange={setPasswords} />
      {failure && <FailureLine failure={failure} />}
      <div>
        <Button type="submit" appearance="primary" disabled={!passwordsReady(passwords)}>{text.password.action}</Button>
      </div>
    </form>
  );
}

export default function ProfilePage() {
  const profile = useProfile();
  const preferences = usePreferences();
  return (
    <SettingsFrame title={text.settings.profile}>
      <div className="settings-columns">
        <Card title={text.settings.account}>
          <Facts
            items={[
              [text.user.name, profile.user.name],
              [text.user.displayName, profile.user.displayName || "–"],
              [text.user.email, profile.user.email || "–"],
              [text.user.roles, <span key="r">{profile.administrator && <span className="block">{text.user.administrator}</span>}{profile.workspaces.map((entry) => <span key={entry.name} className="block">{entry.displayName}: {text.role[entry.role]}</span>)}</span>],
            ]}
          />
        </Card>
        <Card title={text.settings.look}>
          <RadioGroup aria-label={text.settings.theme} value={preferences.theme} onChange={(_, data) => preferences.set({ theme: data.value as ThemeChoice })}>
            <Radio value="system" label={text.user.themeSystem} />
            <Radio value="light" label={text.user.themeLight} />
            <Radio value="dark" label={text.user.themeDark} />
          </RadioGroup>
          <h3 className="settings-part">{text.settings.clock}</h3>
          <RadioGroup aria-label={text.settings.clock} value={preferences.utc ? "utc" : "local"} onChange={(_, data) => preferences.set({ utc: data.value === "utc" })}>
            <Radio value="local" label={text.user.clockLocal} />
            <Radio value="utc" label={text.user.clockUtc} />
          </RadioGroup>
        </Card>
        <Card title={text.password.title}>
          <Password />
        </Card>
      </div>
    </SettingsFrame>
  );
}

// SPDX-License-Identifier: Apache-2.0
// The old password and a new one, typed twice.
import { Field, Input } from "@fluentui/react-components";
import { text } from "@/text";

export interface Passwords {
  old: string;
  fresh: string;
  again: string;
}
export const noPasswords: Passwords = { old: "", fresh: "", again: "" };
export const passwordsReady = (p: Passwords) => p.old !== "" && p.fresh.length >= 12 && p.fresh === p.again;

export function PasswordFields({ value, onChange }: { value: Passwords; onChange: (value: Passwords) => void }) {
  const short = value.fresh !== "" && value.fresh.length < 12;
  const differ = value.again !== "" && value.again !== value.fresh;
  return (
    <>
      <Field label={text.password.old}>
        <Input type="password" autoComplete="current-password" value={value.old} onChange={(_, data) => onChange({ ...value, old: data.value })} />
      </Field>
      <Field label={text.password.fresh} hint={text.password.rule} validationMessage={short ? text.password.short : undefined}>
        <Input type="password" autoComplete="new-password" value={value.fresh} onChange={(_, data) => onChange({ ...value, fresh: data.value })} />
      </Field>
      <Field label={text.password.again} validationMessage={differ ? text.password.differ : undefined}>
        <Input type="password" autoComplete="new-password" value={value.again} onChange={(_, data) => onChange({ ...value, again: data.value })} />
      </Field>
    </>
  );
}

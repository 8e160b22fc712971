// SPDX-License-Identifier: Apache-2.0
// A dialog around one form: title, fields, the failure of the last try, cancel and the action.
import { Button, Dialog, DialogActions, DialogBody, DialogContent, DialogSurface, DialogTitle } from "@fluentui/react-components";
import { useState, type ReactNode } from "react";
import type { ApiFailure } from "@/api/client";
import { asFailure } from "@/api/load";
import { text } from "@/text";
import { FailureLine } from "./states";

interface Props {
  title: string;
  action: string;
  ready?: boolean;
  children?: ReactNode;
  perform: () => Promise<void>;
  close: () => void;
}

export function FormDialog({ title, action, ready = true, children, perform, close }: Props) {
  const [failure, setFailure] = useState<ApiFailure>();
  const [busy, setBusy] = useState(false);
  const submit = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      await perform();
    } catch (error) {
      setFailure(asFailure(error));
    }
    setBusy(false);
  };
  return (
    <Dialog open onOpenChange={(_, data) => !data.open && close()}>
      <DialogSurface aria-describedby={undefined}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (ready && !busy) void submit();
          }}
        >
          <DialogBody>
            <DialogTitle>{title}</DialogTitle>
            <DialogContent className="form">
              {children}
              {failure && <FailureLine failure={failure} />}
            </DialogContent>
            <DialogActions>
              <Button onClick={close}>{text.dialog.cancel}</Button>
              <Button type="submit" appearance="primary" disabled={!ready || busy}>
                {action}
              </Button>
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  );
}

// SPDX-License-Identifier: Apache-2.0
// Short messages in the corner: what was done, or why it was not.
import { Toast, ToastBody, ToastTitle, useToastController } from "@fluentui/react-components";
import { useCallback, useMemo } from "react";
import { asFailure } from "@/api/load";
import { failureText } from "@/parts/states";
import { text } from "@/text";

export const toasterId = "notices";

export function useNotices() {
  const { dispatchToast } = useToastController(toasterId);
  const done = useCallback(
    (message: string) =>
      dispatchToast(
        <Toast>
          <ToastTitle>{message}</ToastTitle>
        </Toast>,
        { intent: "success", timeout: 3000 },
      ),
    [dispatchToast],
  );
  const failed = useCallback(
    (error: unknown) => {
      const failure = asFailure(error);
      dispatchToast(
        <Toast>
          <ToastTitle>{failure.status === 412 ? text.states.changedMeanwhile : text.states.failedTitle}</ToastTitle>
          <ToastBody>{`${failureText(failure)} (${failure.code})`}</ToastBody>
        </Toast>,
        { intent: "error", timeout: 8000 },
      );
    },
    [dispatchToast],
  );
  return useMemo(() => ({ done, failed }), [done, failed]);
}

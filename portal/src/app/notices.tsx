// SPDX-License-Identifier: Apache-2.0
// Short messages in the corner: what was done, or why it was not. A failure stays longer and can be dismissed.
import { Button } from "@fluentui/react-components";
import { CheckmarkCircleRegular, DismissRegular, ErrorCircleRegular } from "@fluentui/react-icons";
import { createContext, useContext, useMemo, useState, type ReactNode } from "react";
import { asFailure } from "@/api/load";
import { failureText } from "@/parts/states";
import { text } from "@/text";

interface Notice {
  id: number;
  bad: boolean;
  title: string;
  detail?: string;
}
interface Notices {
  done: (message: string) => void;
  failed: (error: unknown) => void;
}
const Context = createContext<Notices>({ done: () => undefined, failed: () => undefined });
let lastId = 0;

export function NoticesProvider({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState<Notice[]>([]);
  const remove = (id: number) => setShown((old) => old.filter((notice) => notice.id !== id));
  const value = useMemo<Notices>(() => {
    const add = (notice: Omit<Notice, "id">) => {
      const id = ++lastId;
      setShown((old) => [...old.slice(-3), { ...notice, id }]);
      window.setTimeout(() => remove(id), notice.bad ? 10_000 : 3500);
    };
    return {
      done: (message) => add({ bad: false, title: message }),
      failed: (error) => {
        const failure = asFailure(error);
        add({ bad: true, title: failure.status === 412 || failure.status === 409 ? text.states.changedMeanwhile : text.states.failedTitle, detail: `${failureText(failure)} (${failure.code})` });
      },
    };
  }, []);
  return (
    <Context.Provider value={value}>
      {children}
      <div className="notices" role="status" aria-live="polite">
        {shown.map((notice) => (
          <div key={notice.id} className={notice.bad ? "notice notice-bad" : "notice"}>
            {notice.bad ? <ErrorCircleRegular aria-hidden="true" /> : <CheckmarkCircleRegular aria-hidden="true" />}
            <div className="grow">
              <strong>{notice.title}</strong>
              {notice.detail && <p className="break">{notice.detail}</p>}
            </div>
            <Button size="small" appearance="transparent" icon={<DismissRegular />} aria-label={text.states.dismiss} onClick={() => remove(notice.id)} />
          </div>
        ))}
      </div>
    </Context.Provider>
  );
}

export const useNotices = () => useContext(Context);

// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from "react";
import { usePreferences } from "@/app/preferences";
import { formatAgo, formatTime } from "./format";

let now = Date.now();
const listeners = new Set<() => void>();
window.setInterval(() => {
  now = Date.now();
  for (const listener of listeners) listener();
}, 15_000);

// A time in the clock the person chose. `ago` shows its distance, with the exact time on hover.
export function TimeText({ time, ago = false, seconds = true }: { time?: string; ago?: boolean; seconds?: boolean }) {
  const { utc } = usePreferences();
  const [, redraw] = useState(0);
  useEffect(() => {
    if (!ago) return;
    const listener = () => redraw((n) => n + 1);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, [ago]);
  if (!time) return <span className="quiet">–</span>;
  const exact = `${formatTime(time, utc, seconds)}${utc ? " UTC" : ""}`;
  return (
    <time dateTime={time} title={ago ? exact : undefined} className="time">
      {ago ? formatAgo(time, Math.max(now, Date.now() - 15_000)) : exact}
    </time>
  );
}

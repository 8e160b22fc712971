// SPDX-License-Identifier: Apache-2.0
import { call } from "@/api/client";
import { useLoad } from "@/api/load";
import type { Activity } from "@/api/types";
import { Show } from "@/parts/states";
import { TimeText } from "@/parts/time_text";
import { words } from "@/parts/format";
import { text } from "@/text";

function sentence(entry: Activity): string {
  if (entry.action !== "Changed") return text.activity[entry.action];
  return text.activity.Changed(words(entry.field ?? "").toLowerCase(), entry.from ?? text.activity.nothing, entry.to ?? text.activity.nothing);
}

export function ActivityList({ workspace, number, round }: { workspace: string; number: number; round: number }) {
  const activity = useLoad(`${workspace} ${number} ${round}`, (signal) => call("get", "/api/workspaces/{workspace}/incidents/{incident}/activity", { path: { workspace, incident: number }, query: { limit: 500 }, signal }));
  return (
    <Show of={activity}>
      {(data) =>
        data.items.length === 0 ? (
          <p className="quiet side-empty">{text.incident.noActivity}</p>
        ) : (
          <ol className="activity">
            {data.items.map((entry) => (
              <li key={entry.id}>
                <span className="break"><strong>{entry.actor}</strong> {sentence(entry)}</span>
                <span className="quiet small"><TimeText time={entry.time} /></span>
              </li>
            ))}
          </ol>
        )
      }
    </Show>
  );
}

// SPDX-License-Identifier: Apache-2.0
import { Avatar, Button, Textarea } from "@fluentui/react-components";
import { useState } from "react";
import { call } from "@/api/client";
import { useLoad } from "@/api/load";
import { useNotices } from "@/app/notices";
import { Show } from "@/parts/states";
import { TimeText } from "@/parts/time_text";
import { text } from "@/text";

interface Props {
  workspace: string;
  number: number;
  round: number;
  mayWrite: boolean;
  added: () => void;
}

export function Comments({ workspace, number, round, mayWrite, added }: Props) {
  const notices = useNotices();
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const comments = useLoad(`${workspace} ${number} ${round}`, (signal) => call("get", "/api/workspaces/{workspace}/incidents/{incident}/comments", { path: { workspace, incident: number }, query: { limit: 100 }, signal }));
  const send = async () => {
    setBusy(true);
    try {
      await call("post", "/api/workspaces/{workspace}/incidents/{incident}/comments", { path: { workspace, incident: number }, body: { message: typed.trim() } });
      setTyped("");
      added();
    } catch (error) {
      notices.failed(error);
    }
    setBusy(false);
  };
  return (
    <div className="comments">
      {mayWrite && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (typed.trim()) void send();
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && typed.trim()) void send();
          }}
        >
          <Textarea id="new-comment" className="comment-field" aria-label={text.incident.newComment} placeholder={text.incident.newComment} resize="vertical" maxLength={30000} value={typed} onChange={(_, data) => setTyped(data.value)} />
          <Button type="submit" appearance="primary" size="small" disabled={busy || !typed.trim()}>{text.incident.addComment}</Button>
        </form>
      )}
      <Show of={comments}>
        {(data) =>
          data.items.length === 0 ? (
            <p className="quiet side-empty">{text.incident.noComments}</p>
          ) : (
            <ul>
              {data.items.toReversed().map((comment) => (
                <li key={comment.id} className="comment">
                  <Avatar size={28} name={comment.author.displayName || comment.author.name} color="colorful" aria-hidden="true" />
                  <div className="grow">
                    <div className="row">
                      <strong>{comment.author.displayName || comment.author.name}</strong>
                      <span className="quiet small"><TimeText time={comment.createdTime} ago /></span>
                    </div>
                    <p className="pre">{comment.message}</p>
                  </div>
                </li>
              ))}
            </ul>
          )
        }
      </Show>
    </div>
  );
}

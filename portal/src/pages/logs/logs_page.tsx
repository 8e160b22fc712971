// SPDX-License-Identifier: Apache-2.0
// Ask anything in KQL. Query, timespan, limit and shown part stand in the address.
import { Button, Menu, MenuItem, MenuList, MenuPopover, MenuTrigger, Select, Tooltip } from "@fluentui/react-components";
import { DismissRegular, HistoryRegular, LinkRegular, PanelLeftRegular, PlayFilled, TextAlignLeftRegular } from "@fluentui/react-icons";
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { call } from "@/api/client";
import { useLoad } from "@/api/load";
import { useNotices } from "@/app/notices";
import { usePreferences } from "@/app/preferences";
import { useMay } from "@/app/session";
import { logsLink, useQueryInUrl, useUrl, useWorkspace } from "@/app/url_state";
import { copyText } from "@/parts/copy_text";
import { Page } from "@/parts/page";
import { Empty, Loading } from "@/parts/states";
import { TimeRange } from "@/parts/time_range";
import { text } from "@/text";
import type { EditorHandle, EditorMark } from "./kql_editor";
import { draft, keepDraft, queryHistory, remember } from "./query_history";
import { Results } from "./results";
import { SchemaTree } from "./schema_tree";
import { useQuery } from "./use_query";
import "./logs.css";

const KqlEditor = lazy(() => import("./kql_editor"));
const limits = [100, 1000, 10_000, 100_000, 500_000];
const defaultLimit = 10_000;

function History({ workspace, choose }: { workspace: string; choose: (query: string) => void }) {
  const [entries, setEntries] = useState<string[]>([]);
  return (
    <Menu onOpenChange={(_, data) => data.open && setEntries(queryHistory(workspace))}>
      <MenuTrigger disableButtonEnhancement>
        <Button appearance="subtle" icon={<HistoryRegular />} className="icon-on-narrow" title={text.logs.history}>{text.logs.history}</Button>
      </MenuTrigger>
      <MenuPopover>
        <MenuList className="history-menu">
          {entries.length === 0 && <div className="quiet history-empty">{text.logs.noHistory}</div>}
          {entries.map((entry, index) => (
            <MenuItem key={index} onClick={() => choose(entry)}>
              <span className="history-entry mono">{entry}</span>
            </MenuItem>
          ))}
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}

function Stopwatch({ since }: { since: number }) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = window.setInterval(() => tick((n) => n + 1), 100);
    return () => window.clearInterval(timer);
  }, []);
  return <span className="number quiet">{((Date.now() - since) / 1000).toFixed(1)} s</span>;
}

export default function LogsPage() {
  const workspace = useWorkspace();
  const { dark } = usePreferences();
  const notices = useNotices();
  const mayQuery = useMay("query.run", workspace);
  const [url, setUrl] = useUrl();
  const [asked, ask] = useQueryInUrl();
  const [typed, setTyped] = useState(() => asked ?? draft(workspace));
  const [tables, setTables] = useState(() => matchMedia("(min-width: 1000px)").matches);
  const [offset, setOffset] = useState({ line: 1, column: 1 });
  const [edited, setEdited] = useState(false);
  const editor = useRef<EditorHandle>(null);
  const ran = useRef<string>(null);
  const query = useQuery(workspace);
  const schema = useLoad(workspace, (signal) => call("get", "/api/workspaces/{workspace}/schema", { path: { workspace }, signal }));
  const timespan = url.get("timespan") ?? "P1D";
  const span = timespan === "all" ? "" : timespan;
  const limit = Number(url.get("rows") ?? defaultLimit);

  const runText = useCallback(
    (words: string, at = { line: 1, column: 1 }) => {
      if (!words.trim()) return;
      setOffset(at);
      setEdited(false);
      remember(workspace, words);
      void query.run(words, span, limit);
    },
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [query.run, span, limit, workspace],
  );
  const run = () => {
    const part = editor.current?.query() ?? { query: typed, line: 1, column: 1 };
    ran.current = typed;
    ask(typed, typed !== asked);
    runText(part.query, part);
  };
  // A link runs its query once; so do Back and Forward, when they bring another one.
  useEffect(() => {
    if (asked === null || asked === ran.current) return;
    ran.current = asked;
    setTyped(asked);
    if (url.get("run") === "1") runText(asked);
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [asked]);
  const change = useCallback(
    (value: string) => {
      setTyped(value);
      setEdited(true);
      keepDraft(workspace, value);
    },
    [workspace],
  );
  const marks = useMemo<EditorMark[]>(() => {
    if (edited) return [];
    const shift = (line: number, column: number) => ({ line: line + offset.line - 1, column: line === 1 ? column + offset.column - 1 : column });
    const failure = query.failure;
    if (failure?.line) return [{ severity: "error", message: `${failure.code}: ${failure.message}`, ...shift(failure.line, failure.column ?? 1) }];
    return (query.result?.warnings ?? []).map((warning) => ({ severity: "warning", message: `${warning.code}: ${warning.message}`, ...shift(warning.line, warning.column) }));
  }, [edited, offset, query.failure, query.result]);
  const addLine = (line: string) => {
    const lines = typed.trimEnd().split("\n");
    // A render must stay last.
    const last = lines.length - 1;
    if (/^\s*\|\s*render\b/.test(lines[last])) lines.splice(last, 0, line);
    else lines.push(line);
    const next = lines.join("\n");
    setTyped(next);
    keepDraft(workspace, next);
    ran.current = next;
    ask(next, true);
    runText(next);
  };
  if (!mayQuery) return <Empty title={text.states.deniedTitle}>{text.states.deniedHint}</Empty>;
  const share = async () => {
    await copyText(window.location.origin + logsLink(workspace, typed, timespan));
    notices.done(text.logs.linkCopied);
  };
  return (
    <Page title={text.nav.logs} fill>
      <div className="logs">
        {tables && (
          <aside className="schema" aria-label={text.logs.tables}>
            <SchemaTree schema={schema} insert={(words) => editor.current?.insert(words)} />
          </aside>
        )}
        <div className="logs-main">
          <div className="logs-bar">
            <Tooltip content={text.logs.tables} relationship="label">
              <Button appearance="subtle" icon={<PanelLeftRegular />} aria-pressed={tables} onClick={() => setTables(!tables)} />
            </Tooltip>
            {query.running ? (
              <Button icon={<DismissRegular />} onClick={query.cancel}>{text.logs.cancel}</Button>
            ) : (
              <Button appearance="primary" icon={<PlayFilled />} onClick={run} title={text.logs.runKeys}>{text.logs.run}</Button>
            )}
            <TimeRange value={span} allowAll onChange={(value) => setUrl({ timespan: value === "P1D" ? undefined : value || "all" })} />
            <Select className="limit" aria-label={text.logs.limit} value={String(limit)} onChange={(_, data) => setUrl({ rows: data.value === String(defaultLimit) ? undefined : data.value })}>
              {limits.map((value) => <option key={value} value={value}>{text.logs.limitOf(value)}</option>)}
            </Select>
            {query.running && <Stopwatch since={query.startedAt} />}
            <span className="grow" />
            <Button appearance="subtle" icon={<TextAlignLeftRegular />} className="icon-on-narrow" title={text.logs.format} onClick={() => editor.current?.format()}>{text.logs.format}</Button>
            <History workspace={workspace} choose={change} />
            <Button appearance="subtle" icon={<LinkRegular />} className="icon-on-narrow" title={text.logs.share} onClick={() => void share()}>{text.logs.share}</Button>
          </div>
          <div className="editor-frame">
            <Suspense fallback={<Loading label={text.logs.editorLoading} />}>
              <KqlEditor handle={editor} value={typed} onChange={change} onRun={run} schema={schema.data} marks={marks} dark={dark} />
            </Suspense>
          </div>
          <Results workspace={workspace} query={query} addLine={addLine} />
        </div>
      </div>
    </Page>
  );
}

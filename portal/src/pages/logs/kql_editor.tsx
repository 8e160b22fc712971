// SPDX-License-Identifier: Apache-2.0
// The KQL editor. Loaded after the page, since Monaco is large.
import { useEffect, useImperativeHandle, useRef, type Ref } from "react";
import type { KqlSchema } from "@/api/types";
import { text } from "@/text";
import { monaco, setEditorSchema } from "./monaco_setup";

export interface EditorMark {
  severity: "error" | "warning" | "information";
  message: string;
  line: number;
  column: number;
  endLine?: number;
  endColumn?: number;
}

export interface EditorHandle {
  insert: (words: string) => void;
  // The selection, or everything; with the line and column it starts at.
  query: () => { query: string; line: number; column: number };
  format: () => void;
  focus: () => void;
}

interface Props {
  value: string;
  onChange: (value: string) => void;
  onRun: () => void;
  schema?: KqlSchema;
  marks: EditorMark[];
  dark: boolean;
  handle: Ref<EditorHandle>;
}

export default function KqlEditor({ value, onChange, onRun, schema, marks, dark, handle }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const editor = useRef<monaco.editor.IStandaloneCodeEditor>(null);
  const latest = useRef({ onChange, onRun });
  latest.current = { onChange, onRun };

  useEffect(() => {
    const made = monaco.editor.create(frame.current!, {
      value,
      language: "kusto",
      theme: dark ? "garrison-dark" : "garrison-light",
      ariaLabel: text.logs.editor,
      automaticLayout: true,
      minimap: { enabled: false },
      scrollBeyondLastLine: false,
      fontSize: 13,
      lineHeight: 20,
      fontFamily: "'Cascadia Code', 'JetBrains Mono', ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace",
      lineNumbersMinChars: 3,
      padding: { top: 8, bottom: 8 },
      renderLineHighlight: "line",
      fixedOverflowWidgets: true,
      quickSuggestions: true,
      wordBasedSuggestions: "off",
      suggestSelection: "first",
      folding: false,
      overviewRulerLanes: 0,
      scrollbar: { verticalScrollbarSize: 10, horizontalScrollbarSize: 10 },
    });
    editor.current = made;
    const run = () => latest.current.onRun();
    made.addCommand(monaco.KeyMod.CtrlCmd | monaco.KeyCode.Enter, run);
    made.addCommand(monaco.KeyMod.Shift | monaco.KeyCode.Enter, run);
    const listening = made.onDidChangeModelContent(() => latest.current.onChange(made.getValue()));
    return () => {
      listening.dispose();
      made.getModel()?.dispose();
      made.dispose();
    };
    // The editor is made once; later values arrive through the effects below.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);

  useEffect(() => {
    if (editor.current && editor.current.getValue() !== value) editor.current.setValue(value);
  }, [value]);
  useEffect(() => monaco.editor.setTheme(dark ? "garrison-dark" : "garrison-light"), [dark]);
  useEffect(() => {
    const model = editor.current?.getModel();
    if (!model) return;
    const severity = { error: monaco.MarkerSeverity.Error, warning: monaco.MarkerSeverity.Warning, information: monaco.MarkerSeverity.Info };
    const placed = marks.map((mark) => {
      const line = Math.min(mark.line, model.getLineCount());
      const word = model.getWordAtPosition({ lineNumber: line, column: mark.column });
      return {
        severity: severity[mark.severity],
        message: mark.message,
        startLineNumber: line,
        startColumn: mark.column,
        endLineNumber: mark.endLine ?? line,
        endColumn: mark.endColumn ?? Math.max(word?.endColumn ?? 0, mark.column + 1),
      };
    });
    monaco.editor.setModelMarkers(model, "garrison", placed);
    const first = placed.find((mark) => mark.severity === monaco.MarkerSeverity.Error);
    if (first) editor.current?.revealPositionInCenterIfOutsideViewport({ lineNumber: first.startLineNumber, column: first.startColumn });
  }, [marks]);
  useEffect(() => {
    const model = editor.current?.getModel();
    // Without a schema the editor still knows the language; completion of tables then waits.
    if (schema && model) setEditorSchema(model.uri, schema).catch((error: unknown) => console.warn("KQL completion is off:", error));
  }, [schema]);

  useImperativeHandle(handle, () => ({
    insert: (words) => {
      const made = editor.current;
      const at = made?.getSelection();
      if (!made || !at) return;
      made.executeEdits("insert", [{ range: at, text: words, forceMoveMarkers: true }]);
      made.focus();
    },
    query: () => {
      const selection = editor.current?.getSelection();
      const chosen = selection && !selection.isEmpty() ? editor.current!.getModel()!.getValueInRange(selection) : "";
      if (selection && chosen.trim()) return { query: chosen, line: selection.startLineNumber, column: selection.startColumn };
      return { query: editor.current?.getValue() ?? "", line: 1, column: 1 };
    },
    format: () => void editor.current?.getAction("editor.action.formatDocument")?.run(),
    focus: () => editor.current?.focus(),
  }));

  return <div ref={frame} className="kql-editor" data-testid="kql-editor" />;
}

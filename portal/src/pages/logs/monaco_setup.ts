// SPDX-License-Identifier: Apache-2.0
// Monaco with Microsoft's KQL grammar: workers from our own origin, colours of our themes, schema of the workspace.
import "monaco-editor/esm/vs/editor/edcore.main";
import * as monaco from "monaco-editor/esm/vs/editor/editor.api";
import EditorWorker from "monaco-editor/esm/vs/editor/editor.worker?worker";
import { getKustoWorker, kustoDefaults } from "@kusto/monaco-kusto";
import KustoWorker from "@kusto/monaco-kusto/release/esm/kusto.worker?worker";
import type { Column, KqlSchema } from "@/api/types";

window.MonacoEnvironment = { getWorker: (_, label) => (label === "kusto" ? new KustoWorker() : new EditorWorker()) };

function theme(name: string, base: "vs" | "vs-dark", background: string, rules: Record<string, string>, colors: Record<string, string>): void {
  monaco.editor.defineTheme(name, {
    base,
    inherit: true,
    rules: Object.entries(rules).map(([token, foreground]) => ({ token, foreground })),
    colors: { "editor.background": background, ...colors },
  });
}
theme(
  "garrison-light", "vs", "#ffffff",
  { "": "242424", comment: "5c7a4f", string: "a1352b", number: "8a4b08", keyword: "0d5b8f", function: "6b4fbb", type: "0f7b6c", variable: "8f2d6b", "variable.predefined": "8f2d6b", "variable.parameter": "8a4b08", operator: "0d5b8f", annotation: "0f7b6c", tag: "0d5b8f", invalid: "c4314b" },
  { "editorLineNumber.foreground": "#8a919c", "editor.lineHighlightBackground": "#f5f7f9" },
);
theme(
  "garrison-dark", "vs-dark", "#1c2027",
  { "": "dfe3ea", comment: "8aa57c", string: "f0a58f", number: "e0c07a", keyword: "6fbfe8", function: "c3a8ff", type: "6fd3c1", variable: "f19ac2", "variable.predefined": "f19ac2", "variable.parameter": "e0c07a", operator: "6fbfe8", annotation: "6fd3c1", tag: "6fbfe8", invalid: "ff7d8a" },
  { "editorLineNumber.foreground": "#6b7481", "editor.lineHighlightBackground": "#222730", "editorWidget.background": "#232831", "editorSuggestWidget.background": "#232831" },
);
kustoDefaults.setLanguageSettings({ ...kustoDefaults.languageSettings, includeControlCommands: false, openSuggestionDialogAfterPreviousSuggestionAccepted: true, useSemanticColorization: true });

const columnsOf = (columns: Column[] = []) => columns.map(({ name, type, description }) => ({ name, type, docstring: description }));

// Tells the KQL worker what the workspace holds.
export async function setEditorSchema(uri: monaco.Uri, schema: KqlSchema): Promise<void> {
  const database = {
    name: schema.database,
    majorVersion: 1,
    minorVersion: 0,
    entityGroups: [],
    tables: schema.tables.map((table) => ({ name: table.name, entityType: "Table" as const, docstring: table.description, columns: columnsOf(table.columns) })),
    functions: schema.functions.map((entry) => ({
      name: entry.name,
      body: entry.body,
      docstring: entry.description,
      inputParameters: entry.parameters.map((parameter) =>
        parameter.type === "tabular"
          ? { name: parameter.name, columns: (parameter.columns ?? []).map(({ name, type }) => ({ name, type, cslType: type })) }
          : { name: parameter.name, type: parameter.type, cslType: parameter.type, cslDefaultValue: parameter.defaultValue },
      ),
    })),
  };
  const accessor = await getKustoWorker();
  const worker = await accessor(uri);
  await worker.setSchema({ clusterType: "Engine", cluster: { connectionString: "garrison", databases: [database] }, database });
}

export { monaco };

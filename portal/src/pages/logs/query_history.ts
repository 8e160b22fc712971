// SPDX-License-Identifier: Apache-2.0
// Queries run before, and the one being written, kept in this browser for each workspace.
const limit = 50;
const historyKey = (workspace: string) => `garrison.history.${workspace}`;
const draftKey = (workspace: string) => `garrison.draft.${workspace}`;

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // Storage is switched off.
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    return; // Full or switched off: history is a comfort, not a promise.
  }
}

export function queryHistory(workspace: string): string[] {
  try {
    const stored: unknown = JSON.parse(read(historyKey(workspace)) ?? "[]");
    return Array.isArray(stored) ? stored.filter((entry): entry is string => typeof entry === "string") : [];
  } catch {
    return []; // Somebody else's data under our key.
  }
}

export function remember(workspace: string, query: string): void {
  const rest = queryHistory(workspace).filter((entry) => entry !== query);
  write(historyKey(workspace), JSON.stringify([query, ...rest].slice(0, limit)));
}

export const draft = (workspace: string) => read(draftKey(workspace)) ?? "";
export const keepDraft = (workspace: string, query: string) => write(draftKey(workspace), query);

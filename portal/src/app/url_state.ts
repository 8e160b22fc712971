// SPDX-License-Identifier: Apache-2.0
// State of a page that lives in its address, so that it survives reload and can be shared.
import { useCallback } from "react";
import { useParams, useSearchParams } from "react-router";

export function useWorkspace(): string {
  return useParams().workspace ?? "";
}

// Reads and writes several parameters at once. Empty values leave the address; `push` makes the change a step of its own.
export function useUrl(): [URLSearchParams, (change: Record<string, string | undefined>, push?: boolean) => void] {
  const [search, setSearch] = useSearchParams();
  const change = useCallback(
    (values: Record<string, string | undefined>, push = false) =>
      setSearch(
        (old) => {
          const next = new URLSearchParams(old);
          for (const [name, value] of Object.entries(values)) {
            if (value) next.set(name, value);
            else next.delete(name);
          }
          return next;
        },
        { replace: !push },
      ),
    [setSearch],
  );
  return [search, change];
}

export const listOf = (value: string | null): string[] => (value ? value.split(",").filter(Boolean) : []);

// Address of the Logs page for a query.
export function logsLink(workspace: string, query: string, timespan?: string, run = true): string {
  const search = new URLSearchParams({ q: query });
  if (timespan) search.set("timespan", timespan);
  if (run) search.set("run", "1");
  return `/w/${encodeURIComponent(workspace)}/logs?${search}`;
}

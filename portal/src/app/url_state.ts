// SPDX-License-Identifier: Apache-2.0
// State of a page that lives in its address, so that it survives reload and can be shared.
import { useCallback, useMemo } from "react";
import { useLocation, useNavigate, useParams } from "react-router";

export function useWorkspace(): string {
  return useParams().workspace ?? "";
}

// Reads and writes several parameters at once. Empty values leave the address; `push` makes the change a step of its own.
export function useUrl(): [URLSearchParams, (change: Record<string, string | undefined>, push?: boolean) => void] {
  const location = useLocation();
  const navigate = useNavigate();
  const search = useMemo(() => new URLSearchParams(location.search), [location.search]);
  const change = useCallback(
    (values: Record<string, string | undefined>, push = false) => {
      const next = new URLSearchParams(location.search);
      for (const [name, value] of Object.entries(values)) {
        if (value) next.set(name, value);
        else next.delete(name);
      }
      void navigate({ search: next.toString(), hash: location.hash }, { replace: !push });
    },
    [location.search, location.hash, navigate],
  );
  return [search, change];
}

export const listOf = (value: string | null): string[] => (value ? value.split(",").filter(Boolean) : []);

// A query stands in the address; a long one in the part behind #, which is not sent to the server and so has no limit there.
const longestSent = 1500;
function placed(query: string, search: URLSearchParams): { search: string; hash: string } {
  search.delete("q");
  const isLong = encodeURIComponent(query).length > longestSent;
  if (query && !isLong) search.set("q", query);
  return { search: search.toString(), hash: isLong ? `#q=${encodeURIComponent(query)}` : "" };
}

// The query of this address, and a way to put another one there, to be run.
export function useQueryInUrl(): [string | null, (query: string, push: boolean) => void] {
  const location = useLocation();
  const navigate = useNavigate();
  const asked = new URLSearchParams(location.search).get("q") ?? (location.hash.startsWith("#q=") ? decodeURIComponent(location.hash.slice(3)) : null);
  const put = useCallback(
    (query: string, push: boolean) => {
      const search = new URLSearchParams(location.search);
      search.set("run", "1");
      void navigate(placed(query, search), { replace: !push });
    },
    [location.search, navigate],
  );
  return [asked, put];
}

// Address of the Logs page for a query.
export function logsLink(workspace: string, query: string, timespan?: string): string {
  const search = new URLSearchParams({ run: "1" });
  if (timespan) search.set("timespan", timespan);
  const place = placed(query, search);
  return `/w/${encodeURIComponent(workspace)}/logs?${place.search}${place.hash}`;
}

// SPDX-License-Identifier: Apache-2.0
// One running query at a time: run, watch the clock, cancel on the server as well as here.
import { useCallback, useEffect, useRef, useState } from "react";
import { call, type ApiFailure } from "@/api/client";
import { asFailure } from "@/api/load";
import type { QueryResult } from "@/api/types";

// crypto.randomUUID exists only on https and loopback.
function uuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export interface QueryRun {
  running: boolean;
  startedAt: number;
  result?: QueryResult;
  failure?: ApiFailure;
  cancelled: boolean;
  run: (query: string, timespan: string, maxRows: number) => Promise<void>;
  cancel: () => void;
}

export function useQuery(workspace: string): QueryRun {
  const [state, setState] = useState<Pick<QueryRun, "running" | "startedAt" | "result" | "failure" | "cancelled">>({ running: false, startedAt: 0, cancelled: false });
  const current = useRef<{ id: string; abort: AbortController }>(null);
  const stop = useCallback(() => {
    const running = current.current;
    if (!running) return false;
    current.current = null;
    running.abort.abort();
    // The query may have ended by itself meanwhile; then there is nothing left to cancel.
    call("delete", "/api/workspaces/{workspace}/query/{queryId}", { path: { workspace, queryId: running.id } }).catch(() => undefined);
    return true;
  }, [workspace]);
  useEffect(() => () => void stop(), [stop]);
  const run = useCallback(
    async (query: string, timespan: string, maxRows: number) => {
      stop();
      const mine = { id: uuid(), abort: new AbortController() };
      current.current = mine;
      setState({ running: true, startedAt: Date.now(), cancelled: false });
      try {
        const body = { query, maxRows, queryId: mine.id, ...(timespan ? { timespan } : {}) };
        const result = await call("post", "/api/workspaces/{workspace}/query", { path: { workspace }, body, signal: mine.abort.signal });
        if (current.current === mine) setState({ running: false, startedAt: 0, cancelled: false, result });
      } catch (error) {
        if (current.current === mine) setState({ running: false, startedAt: 0, cancelled: false, failure: asFailure(error) });
      }
      if (current.current === mine) current.current = null;
    },
    [workspace, stop],
  );
  const cancel = useCallback(() => {
    if (stop()) setState({ running: false, startedAt: 0, cancelled: true });
  }, [stop]);
  return { ...state, run, cancel };
}

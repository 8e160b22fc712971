// SPDX-License-Identifier: Apache-2.0
// Reading for a page: keeps the last good data while it refreshes, and drops answers that come too late.
import { useCallback, useEffect, useRef, useState } from "react";
import { ApiFailure } from "./client";

export interface Loaded<T> {
  data?: T;
  failure?: ApiFailure;
  loading: boolean;
  reload: () => void;
  replace: (data: T) => void;
}

export function asFailure(error: unknown): ApiFailure {
  return error instanceof ApiFailure ? error : new ApiFailure(0, "WEB-0001", "bug", String(error));
}

// `key` names what is read: a new key forgets the old data, the same key keeps it while reloading.
export function useLoad<T>(key: string, read: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{ key: string; data?: T; failure?: ApiFailure; loading: boolean }>({ key, loading: true });
  const [round, setRound] = useState(0);
  const latest = useRef(read);
  latest.current = read;
  useEffect(() => {
    const abort = new AbortController();
    setState((old) => (old.key === key ? { ...old, loading: true } : { key, loading: true }));
    latest.current(abort.signal).then(
      (data) => !abort.signal.aborted && setState({ key, data, loading: false }),
      (error: unknown) =>
        !abort.signal.aborted &&
        setState((old) => ({ key, data: old.key === key ? old.data : undefined, failure: asFailure(error), loading: false })),
    );
    return () => abort.abort();
  }, [key, round]);
  const reload = useCallback(() => setRound((n) => n + 1), []);
  const replace = useCallback((data: T) => setState({ key, data, loading: false }), [key]);
  const current = state.key === key ? state : { key, loading: true };
  return { data: current.data, failure: current.failure, loading: current.loading, reload, replace };
}

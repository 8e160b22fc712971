// SPDX-License-Identifier: Apache-2.0
// Who is signed in and what they may do. The server decides; this only spares people buttons that would be refused.
import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { ApiFailure, call, onSignedOut } from "@/api/client";
import { asFailure } from "@/api/load";
import type { Profile } from "@/api/types";

type State = { kind: "asking" } | { kind: "signedOut"; ended: boolean } | { kind: "signedIn"; profile: Profile } | { kind: "failed"; failure: ApiFailure };

interface Session {
  state: State;
  signIn: (user: string, password: string) => Promise<void>;
  signOut: () => Promise<void>;
  refresh: () => Promise<void>;
}

const Context = createContext<Session | undefined>(undefined);

export function SessionProvider({ children }: { children: ReactNode }) {
  const [state, setState] = useState<State>({ kind: "asking" });
  const refresh = useCallback(async () => {
    try {
      setState({ kind: "signedIn", profile: await call("get", "/api/session", {}) });
    } catch (error) {
      const failure = asFailure(error);
      setState(failure.status === 401 ? { kind: "signedOut", ended: false } : { kind: "failed", failure });
    }
  }, []);
  useEffect(() => {
    onSignedOut(() => setState((old) => (old.kind === "signedIn" ? { kind: "signedOut", ended: true } : old)));
    void refresh();
  }, [refresh]);
  const value = useMemo<Session>(
    () => ({
      state,
      refresh,
      signIn: async (user, password) =>
        setState({ kind: "signedIn", profile: await call("post", "/api/session", { body: { user, password } }) }),
      signOut: async () => {
        await call("delete", "/api/session", {});
        setState({ kind: "signedOut", ended: false });
      },
    }),
    [state, refresh],
  );
  return <Context.Provider value={value}>{children}</Context.Provider>;
}

export function useSession(): Session {
  const session = useContext(Context);
  if (!session) throw new Error("useSession outside SessionProvider");
  return session;
}

export function useProfile(): Profile {
  const { state } = useSession();
  if (state.kind !== "signedIn") throw new Error("useProfile while signed out");
  return state.profile;
}

// Whether the caller holds a permission, in a workspace or server-wide.
export function useMay(permission: string, workspace?: string): boolean {
  const profile = useProfile();
  if (!workspace) return profile.permissions.includes(permission);
  return profile.workspaces.find((entry) => entry.name === workspace)?.permissions.includes(permission) ?? false;
}

// SPDX-License-Identifier: Apache-2.0
// What one person chose for this browser: theme and clock. The system's theme holds until somebody chooses.
import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from "react";

export type ThemeChoice = "system" | "light" | "dark";
interface Stored {
  theme: ThemeChoice;
  utc: boolean;
  narrowNavigation: boolean;
}
interface Preferences extends Stored {
  dark: boolean;
  set: (change: Partial<Stored>) => void;
}

const storageKey = "garrison.preferences";
const initial: Stored = { theme: "system", utc: false, narrowNavigation: false };
const Context = createContext<Preferences>({ ...initial, dark: false, set: () => undefined });

function stored(): Stored {
  try {
    return { ...initial, ...JSON.parse(localStorage.getItem(storageKey) ?? "{}") };
  } catch {
    return initial; // Storage may be switched off or hold something else; the defaults then hold.
  }
}

export function PreferencesProvider({ children }: { children: ReactNode }) {
  const [chosen, setChosen] = useState(stored);
  const [systemDark, setSystemDark] = useState(() => matchMedia("(prefers-color-scheme: dark)").matches);
  useEffect(() => {
    const media = matchMedia("(prefers-color-scheme: dark)");
    const hear = () => setSystemDark(media.matches);
    media.addEventListener("change", hear);
    return () => media.removeEventListener("change", hear);
  }, []);
  const dark = chosen.theme === "dark" || (chosen.theme === "system" && systemDark);
  useEffect(() => {
    document.documentElement.dataset.theme = dark ? "dark" : "light";
  }, [dark]);
  const value = useMemo<Preferences>(
    () => ({
      ...chosen,
      dark,
      set: (change) =>
        setChosen((old) => {
          const next = { ...old, ...change };
          try {
            localStorage.setItem(storageKey, JSON.stringify(next));
          } catch {
            return next; // Not kept beyond this page then.
          }
          return next;
        }),
    }),
    [chosen, dark],
  );
  return <Context.Provider value={value}>{children}</Context.Provider>;
}

export const usePreferences = () => useContext(Context);

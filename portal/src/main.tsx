// SPDX-License-Identifier: Apache-2.0
import { FluentProvider } from "@fluentui/react-components";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { RouterProvider } from "react-router";
import { PreferencesProvider, usePreferences } from "./app/preferences";
import { router } from "./app/routes";
import { SessionProvider } from "./app/session";
import { darkTheme, lightTheme } from "./app/theme";
import { NoticesProvider } from "./app/notices";
import "./styles/base.css";
import "./styles/shell.css";
import "./styles/parts.css";

function App() {
  const { dark } = usePreferences();
  return (
    <FluentProvider theme={dark ? darkTheme : lightTheme}>
      <div className="app-root">
        <SessionProvider>
          <NoticesProvider>
            <RouterProvider router={router} />
          </NoticesProvider>
        </SessionProvider>
      </div>
    </FluentProvider>
  );
}

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <PreferencesProvider>
      <App />
    </PreferencesProvider>
  </StrictMode>,
);

// SPDX-License-Identifier: Apache-2.0
// One lazy chunk a page. Addresses: /w/{workspace}/{page} for what belongs to a workspace, /settings/{page} for the rest.
import { createBrowserRouter, Navigate, useRouteError } from "react-router";
import { asFailure } from "@/api/load";
import { Empty, Failure } from "@/parts/states";
import { text } from "@/text";
import { useProfile } from "./session";
import { Shell } from "./shell";
import { SignedIn } from "./signed_in";

function Home() {
  const first = useProfile().workspaces[0];
  return <Navigate to={first ? `/w/${first.name}/overview` : "/settings/workspaces"} replace />;
}

function Broken() {
  return <Failure failure={asFailure(useRouteError())} retry={() => window.location.reload()} />;
}

const pages = (routes: Record<string, () => Promise<{ default: () => React.JSX.Element }>>) =>
  Object.entries(routes).map(([path, load]) => ({ path, lazy: async () => ({ Component: (await load()).default }), errorElement: <Broken /> }));

export const router = createBrowserRouter([
  {
    path: "/",
    element: (
      <SignedIn>
        <Shell />
      </SignedIn>
    ),
    errorElement: <Broken />,
    hydrateFallbackElement: <></>,
    children: [
      { index: true, element: <Home /> },
      {
        path: "w/:workspace",
        children: [
          { index: true, element: <Navigate to="overview" replace /> },
          ...pages({
            overview: () => import("@/pages/overview/overview_page"),
            incidents: () => import("@/pages/incidents/incidents_page"),
            "incidents/:number": () => import("@/pages/incidents/incident_page"),
            logs: () => import("@/pages/logs/logs_page"),
            rules: () => import("@/pages/rules/rules_page"),
            "rules/:rule": () => import("@/pages/rules/rule_page"),
            sources: () => import("@/pages/sources/sources_page"),
          }),
        ],
      },
      {
        path: "settings",
        children: [
          { index: true, element: <Navigate to="profile" replace /> },
          ...pages({
            profile: () => import("@/pages/settings/profile_page"),
            tokens: () => import("@/pages/settings/tokens_page"),
            users: () => import("@/pages/settings/users_page"),
            workspaces: () => import("@/pages/settings/workspaces_page"),
            audit: () => import("@/pages/settings/audit_page"),
            platform: () => import("@/pages/settings/platform_page"),
          }),
        ],
      },
      { path: "*", element: <Empty title={text.states.missingTitle}>{text.states.missingPage}</Empty> },
    ],
  },
]);

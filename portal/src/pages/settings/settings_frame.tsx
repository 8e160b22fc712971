// SPDX-License-Identifier: Apache-2.0
// Heading and tabs of all settings pages. Each page has an address of its own; those nobody may open are not offered.
import { Tab, TabList } from "@fluentui/react-components";
import { useEffect, useRef, type ReactNode } from "react";
import { useLocation, useNavigate } from "react-router";
import { useMay, useProfile } from "@/app/session";
import { Page } from "@/parts/page";
import { text } from "@/text";
import "./settings.css";

export function SettingsFrame({ title, actions, children }: { title: string; actions?: ReactNode; children: ReactNode }) {
  const navigate = useNavigate();
  const current = useLocation().pathname.split("/")[2];
  const managesUsers = useMay("user.admin");
  const auditsServer = useMay("server.audit.read");
  const held = useProfile().workspaces.flatMap((entry) => entry.permissions);
  const tabs = useRef<HTMLDivElement>(null);
  // On a narrow screen the tabs scroll: the chosen one must be seen.
  useEffect(() => tabs.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ inline: "center", block: "nearest" }), [current]);
  const pages: [string, string, boolean][] = [
    ["profile", text.settings.profile, true],
    ["tokens", text.settings.tokens, held.includes("token.manage")],
    ["users", text.settings.users, managesUsers],
    ["workspaces", text.settings.workspaces, true],
    ["audit", text.settings.audit, auditsServer || held.includes("audit.read")],
    ["platform", text.settings.platform, true],
  ];
  return (
    <Page title={text.nav.settings}>
      <TabList ref={tabs} className="settings-tabs" selectedValue={current} onTabSelect={(_, data) => navigate(`/settings/${String(data.value)}`)}>
        {pages.filter(([path, , offered]) => offered || path === current).map(([path, name]) => <Tab key={path} value={path}>{name}</Tab>)}
      </TabList>
      <div className="settings-head">
        <h2>{title}</h2>
        <span className="row">{actions}</span>
      </div>
      {children}
    </Page>
  );
}

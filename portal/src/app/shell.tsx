// SPDX-License-Identifier: Apache-2.0
// Frame around every page: top bar, navigation, shortcuts.
import {
  Avatar, Button, Dialog, DialogActions, DialogBody, DialogContent, DialogSurface, DialogTitle, Menu, MenuDivider, MenuItem, MenuItemRadio, MenuList, MenuPopover, MenuTrigger, Tooltip,
} from "@fluentui/react-components";
import {
  AlertUrgentRegular, ChevronDownRegular, DatabaseSearchRegular, HomeRegular, KeyboardRegular, NavigationRegular, PlugConnectedRegular, SettingsRegular, ShieldTaskRegular,
  WeatherMoonRegular, WeatherSunnyRegular,
} from "@fluentui/react-icons";
import { useEffect, useState, type JSX } from "react";
import { Link, NavLink, Outlet, useLocation, useNavigate, useNavigation } from "react-router";
import { Logo } from "@/parts/logo";
import { text } from "@/text";
import { useKeys } from "./keys";
import { usePreferences } from "./preferences";
import { useProfile, useSession } from "./session";

function useCurrentWorkspace(): string | undefined {
  const profile = useProfile();
  const named = /^\/w\/([^/]+)/.exec(useLocation().pathname)?.[1];
  const [last, setLast] = useState(named);
  useEffect(() => {
    if (named) setLast(named);
  }, [named]);
  return named ?? last ?? profile.workspaces[0]?.name;
}

function Navigation({ workspace, onChosen }: { workspace?: string; onChosen: () => void }) {
  const items: [string, string, JSX.Element][] = workspace
    ? [
        [`/w/${workspace}/overview`, text.nav.overview, <HomeRegular key="i" />],
        [`/w/${workspace}/incidents?status=New,Active`, text.nav.incidents, <AlertUrgentRegular key="i" />],
        [`/w/${workspace}/logs`, text.nav.logs, <DatabaseSearchRegular key="i" />],
        [`/w/${workspace}/rules`, text.nav.rules, <ShieldTaskRegular key="i" />],
        [`/w/${workspace}/sources`, text.nav.sources, <PlugConnectedRegular key="i" />],
      ]
    : [];
  return (
    <nav className="nav" aria-label={text.nav.label}>
      {items.map(([to, name, icon]) => (
        <NavLink key={to} to={to} className="nav-item" onClick={onChosen} title={name}>
          {icon}
          <span>{name}</span>
        </NavLink>
      ))}
      <NavLink to="/settings" className="nav-item nav-last" onClick={onChosen} title={text.nav.settings}>
        <SettingsRegular />
        <span>{text.nav.settings}</span>
      </NavLink>
    </nav>
  );
}

function KeySheet({ close }: { close: () => void }) {
  return (
    <Dialog open onOpenChange={(_, data) => !data.open && close()}>
      <DialogSurface aria-describedby={undefined}>
        <DialogBody>
          <DialogTitle>{text.keys.title}</DialogTitle>
          <DialogContent className="key-sheet">
            {Object.entries(text.keys.groups).map(([group, keys]) => (
              <section key={group}>
                <h3>{group}</h3>
                <dl>
                  {Object.entries(keys).map(([key, meaning]) => (
                    <div key={key}>
                      <dt><kbd>{key}</kbd></dt>
                      <dd>{meaning}</dd>
                    </div>
                  ))}
                </dl>
              </section>
            ))}
          </DialogContent>
          <DialogActions>
            <Button onClick={close}>{text.dialog.close}</Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}

function UserMenu({ showKeys }: { showKeys: () => void }) {
  const profile = useProfile();
  const { signOut } = useSession();
  const preferences = usePreferences();
  const navigate = useNavigate();
  return (
    <Menu
      checkedValues={{ theme: [preferences.theme], clock: [preferences.utc ? "utc" : "local"] }}
      onCheckedValueChange={(_, data) =>
        data.name === "theme" ? preferences.set({ theme: data.checkedItems[0] as "system" }) : preferences.set({ utc: data.checkedItems[0] === "utc" })
      }
    >
      <MenuTrigger disableButtonEnhancement>
        <Button appearance="transparent" className="user-button" aria-label={text.user.menu(profile.user.displayName || profile.user.name)}>
          <Avatar size={28} name={profile.user.displayName || profile.user.name} color="brand" />
        </Button>
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          <div className="user-head">
            <strong>{profile.user.displayName || profile.user.name}</strong>
            <span className="quiet">{profile.administrator ? text.user.administrator : profile.user.name}</span>
          </div>
          <MenuDivider />
          <MenuItemRadio name="theme" value="system">{text.user.themeSystem}</MenuItemRadio>
          <MenuItemRadio name="theme" value="light">{text.user.themeLight}</MenuItemRadio>
          <MenuItemRadio name="theme" value="dark">{text.user.themeDark}</MenuItemRadio>
          <MenuDivider />
          <MenuItemRadio name="clock" value="local">{text.user.clockLocal}</MenuItemRadio>
          <MenuItemRadio name="clock" value="utc">{text.user.clockUtc}</MenuItemRadio>
          <MenuDivider />
          <MenuItem onClick={() => navigate("/settings/profile")}>{text.user.profile}</MenuItem>
          <MenuItem onClick={showKeys}>{text.keys.title}</MenuItem>
          <MenuItem onClick={() => void signOut()}>{text.user.signOut}</MenuItem>
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}

export function Shell() {
  const profile = useProfile();
  const preferences = usePreferences();
  const workspace = useCurrentWorkspace();
  const navigate = useNavigate();
  const busy = useNavigation().state !== "idle";
  const [drawer, setDrawer] = useState(false);
  const [keys, setKeys] = useState(false);
  const go = (page: string) => () => workspace && navigate(`/w/${workspace}/${page}`);
  useKeys({
    "?": () => setKeys(true), "1": go("overview"), "2": go("incidents?status=New,Active"), "3": go("logs"), "4": go("rules"), "5": go("sources"),
    t: () => preferences.set({ theme: preferences.dark ? "light" : "dark" }),
  });
  const shown = profile.workspaces.find((entry) => entry.name === workspace);
  return (
    <div className={`shell ${preferences.narrowNavigation ? "nav-narrow" : ""} ${drawer ? "nav-open" : ""}`}>
      <a className="skip" href="#page">{text.nav.skip}</a>
      <header className="top">
        <Button
          appearance="transparent"
          className="top-button"
          icon={<NavigationRegular />}
          aria-label={text.nav.toggle}
          onClick={() => (matchMedia("(max-width: 860px)").matches ? setDrawer(!drawer) : preferences.set({ narrowNavigation: !preferences.narrowNavigation }))}
        />
        <Link to="/" className="brand">
          <Logo size={26} />
          <span>Garrison</span>
        </Link>
        {profile.workspaces.length > 0 && (
          <Menu>
            <MenuTrigger disableButtonEnhancement>
              <Button appearance="transparent" className="top-button workspace-button" icon={<ChevronDownRegular />} iconPosition="after" aria-label={text.nav.workspace}>
                {shown?.displayName ?? workspace}
              </Button>
            </MenuTrigger>
            <MenuPopover>
              <MenuList>
                {profile.workspaces.map((entry) => (
                  <MenuItem key={entry.name} secondaryContent={text.role[entry.role]} onClick={() => navigate(`/w/${entry.name}/overview`)}>
                    {entry.displayName}
                  </MenuItem>
                ))}
              </MenuList>
            </MenuPopover>
          </Menu>
        )}
        <span className="top-space" />
        <Tooltip content={text.keys.open} relationship="label">
          <Button appearance="transparent" className="top-button wide-only" icon={<KeyboardRegular />} onClick={() => setKeys(true)} />
        </Tooltip>
        <Tooltip content={text.user.toggleTheme} relationship="label">
          <Button
            appearance="transparent"
            className="top-button"
            data-testid="theme"
            icon={preferences.dark ? <WeatherSunnyRegular /> : <WeatherMoonRegular />}
            onClick={() => preferences.set({ theme: preferences.dark ? "light" : "dark" })}
          />
        </Tooltip>
        <UserMenu showKeys={() => setKeys(true)} />
      </header>
      <Navigation workspace={workspace} onChosen={() => setDrawer(false)} />
      {drawer && <button type="button" className="nav-shade" aria-label={text.nav.close} onClick={() => setDrawer(false)} />}
      <main id="page" className="main" tabIndex={-1}>
        {busy && <div className="busy-line" role="progressbar" aria-label={text.states.loading} />}
        <Outlet />
      </main>
      {keys && <KeySheet close={() => setKeys(false)} />}
    </div>
  );
}

// SPDX-License-Identifier: Apache-2.0
// What can be done to all selected incidents at once.
import { Button, Menu, MenuItem, MenuList, MenuPopover, MenuTrigger } from "@fluentui/react-components";
import { useState } from "react";
import { ApiFailure } from "@/api/client";
import type { Incident, IncidentUpdate, Member } from "@/api/types";
import { severities } from "@/api/types";
import { useNotices } from "@/app/notices";
import { useProfile } from "@/app/session";
import { text } from "@/text";
import { changeIncident } from "./change_incident";
import { CloseDialog } from "./close_dialog";

interface Props {
  workspace: string;
  incidents: Incident[];
  members: Member[];
  clear: () => void;
  changed: () => void;
}

export function BulkBar({ workspace, incidents, members, clear, changed }: Props) {
  const me = useProfile().user;
  const notices = useNotices();
  const [closing, setClosing] = useState(false);
  const apply = async (change: IncidentUpdate) => {
    const results = await Promise.allSettled(incidents.map((incident) => changeIncident(workspace, incident, change)));
    const failures = results.filter((r) => r.status === "rejected");
    if (failures.length > 0) {
      const first = failures[0].reason as ApiFailure;
      notices.failed(new ApiFailure(first.status, first.code, first.kind, text.incidents.bulkFailed(failures.length, incidents.length, first.message)));
    } else notices.done(text.incidents.bulkDone(incidents.length));
    changed();
  };
  return (
    <div className="bulk-bar" role="toolbar" aria-label={text.incidents.bulk}>
      <strong>{text.incidents.selected(incidents.length)}</strong>
      <Button size="small" onClick={() => void apply({ owner: me.name })}>{text.incident.assignMe}</Button>
      <Menu>
        <MenuTrigger disableButtonEnhancement>
          <Button size="small">{text.incident.assign}</Button>
        </MenuTrigger>
        <MenuPopover>
          <MenuList className="filter-menu">
            <MenuItem onClick={() => void apply({ owner: null })}>{text.incident.unassigned}</MenuItem>
            {members.map((member) => (
              <MenuItem key={member.name} onClick={() => void apply({ owner: member.name })}>{member.displayName || member.name}</MenuItem>
            ))}
          </MenuList>
        </MenuPopover>
      </Menu>
      <Menu>
        <MenuTrigger disableButtonEnhancement>
          <Button size="small">{text.incident.severity}</Button>
        </MenuTrigger>
        <MenuPopover>
          <MenuList>
            {severities.map((severity) => (
              <MenuItem key={severity} onClick={() => void apply({ severity })}>{text.severity[severity]}</MenuItem>
            ))}
          </MenuList>
        </MenuPopover>
      </Menu>
      <Button size="small" onClick={() => void apply({ status: "Active" })}>{text.incident.activate}</Button>
      <Button size="small" appearance="primary" onClick={() => setClosing(true)}>{text.incident.close}</Button>
      <span className="grow" />
      <Button size="small" appearance="subtle" onClick={clear}>{text.table.clearSelection}</Button>
      {closing && (
        <CloseDialog
          count={incidents.length}
          close={() => setClosing(false)}
          perform={async (change) => {
            await apply(change);
            setClosing(false);
          }}
        />
      )}
    </div>
  );
}

// SPDX-License-Identifier: Apache-2.0
import { Avatar } from "@fluentui/react-components";
import type { Person } from "@/api/types";
import { text } from "@/text";

export function OwnerName({ owner }: { owner: Person | null }) {
  if (!owner) return <span className="quiet">{text.incident.unassigned}</span>;
  const name = owner.displayName || owner.name;
  return (
    <span className="owner" title={owner.name}>
      <Avatar size={20} name={name} color="colorful" aria-hidden="true" />
      <span className="clip">{name}</span>
    </span>
  );
}

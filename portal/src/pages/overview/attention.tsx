// SPDX-License-Identifier: Apache-2.0
import { CheckmarkCircleRegular } from "@fluentui/react-icons";
import { Link } from "react-router";
import type { Overview } from "@/api/types";
import { SeverityMark } from "@/parts/marks";
import { TimeText } from "@/parts/time_text";
import { text } from "@/text";

type Item = Overview["attention"][number];

function addressOf(item: Item, base: string): string {
  const target = encodeURIComponent(item.target ?? "");
  if (item.kind.startsWith("incident")) return target ? `${base}/incidents/${target}` : `${base}/incidents?status=New,Active`;
  if (item.kind.startsWith("rule")) return target ? `${base}/rules/${target}` : `${base}/rules`;
  if (item.kind.startsWith("source")) return `${base}/sources?search=${target}`;
  return item.kind === "engineDown" ? "/settings/platform" : `${base}/sources`;
}

export function Attention({ items, base }: { items: Item[]; base: string }) {
  if (items.length === 0)
    return (
      <p className="all-well">
        <CheckmarkCircleRegular aria-hidden="true" /> {text.overview.allWell}
      </p>
    );
  return (
    <ul className="attention">
      {items.map((item, index) => (
        <li key={index}>
          <Link to={addressOf(item, base)}>
            <SeverityMark severity={item.severity} short />
            <span className="grow">
              <span className="attention-title">{item.title}</span>
              <span className="quiet small attention-detail">
                {text.overview.attentionKind[item.kind]}
                {item.detail && ` · ${item.detail}`}
              </span>
            </span>
            {item.time && <span className="quiet small"><TimeText time={item.time} ago /></span>}
          </Link>
        </li>
      ))}
    </ul>
  );
}

// SPDX-License-Identifier: Apache-2.0
// Frame of a page: its heading, what belongs beside it, and the document's title.
import { useEffect, type ReactNode } from "react";

interface Props {
  title: string;
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  fill?: boolean;
}

export function Page({ title, lead, actions, children, fill = false }: Props) {
  useEffect(() => {
    document.title = `${title} · Garrison`;
  }, [title]);
  return (
    <div className={fill ? "page page-fill" : "page"}>
      <header className="page-head">
        <div className="page-title">
          <h1>{title}</h1>
          {lead && <div className="page-lead">{lead}</div>}
        </div>
        {actions && <div className="page-actions">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

export function Card({ title, aside, children, className = "" }: { title?: ReactNode; aside?: ReactNode; children: ReactNode; className?: string }) {
  return (
    <section className={`card ${className}`}>
      {title && (
        <header className="card-head">
          <h2>{title}</h2>
          {aside}
        </header>
      )}
      {children}
    </section>
  );
}

export function Facts({ items }: { items: [string, ReactNode, "wide"?][] }) {
  return (
    <dl className="facts">
      {items.map(([name, value, wide]) => (
        <div key={name} className={wide && "facts-wide"}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

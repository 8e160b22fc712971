// SPDX-License-Identifier: Apache-2.0
// Small marks with one meaning each, told by shape and word as well as by colour.
import type { IncidentStatus, RuleHealthState, Severity, SourceState } from "@/api/types";
import { text } from "@/text";
import { words } from "./format";

export function SeverityMark({ severity, short = false }: { severity: Severity; short?: boolean }) {
  const filled = { High: 3, Medium: 2, Low: 1, Informational: 0 }[severity];
  return (
    <span className={`severity severity-${severity}`} title={text.severity[severity]}>
      <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">
        {[0, 1, 2].map((i) => (
          <rect key={i} x={1 + i * 4.5} y={9 - i * 4} width="3" height={4 + i * 4} rx="0.8" className={i < filled ? "bar-on" : "bar-off"} />
        ))}
      </svg>
      <span className={short ? "hidden-text" : undefined}>{text.severity[severity]}</span>
    </span>
  );
}

export function StatusMark({ status }: { status: IncidentStatus }) {
  return (
    <span className={`pill pill-${status}`}>
      <i aria-hidden="true" />
      {text.status[status]}
    </span>
  );
}

const tones: Record<string, "good" | "bad" | "warn" | "idle"> = {
  Healthy: "good", Failing: "bad", Waiting: "warn", NotRun: "idle", Disabled: "idle", AutoDisabled: "bad", Silent: "warn", Rejecting: "bad",
  Succeeded: "good", Failed: "bad", Cancelled: "idle", Running: "warn", Success: "good", Failure: "bad", Denied: "bad", ok: "good", behind: "warn",
  stopped: "bad", running: "good", starting: "warn", down: "bad",
};

export function StateMark({ state, title }: { state: RuleHealthState | SourceState | string; title?: string }) {
  return (
    <span className={`state state-${tones[state] ?? "idle"}`} title={title}>
      <i aria-hidden="true" />
      {(text.state as Record<string, string>)[state] ?? words(state)}
    </span>
  );
}

export function Tags({ names, limit = 4 }: { names: string[]; limit?: number }) {
  if (names.length === 0) return <span className="quiet">–</span>;
  return (
    <span className="tags">
      {names.slice(0, limit).map((name) => (
        <span key={name} className="tag">
          {words(name)}
        </span>
      ))}
      {names.length > limit && <span className="quiet" title={names.slice(limit).map(words).join(", ")}>+{names.length - limit}</span>}
    </span>
  );
}

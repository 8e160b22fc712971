// SPDX-License-Identifier: Apache-2.0
// Numbers, sizes, times and durations as people read them.
const number = new Intl.NumberFormat("en-US");
const compact = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });

export const formatNumber = (value: number) => number.format(value);
export const formatCompact = (value: number) => (Math.abs(value) < 10_000 ? number.format(value) : compact.format(value));

export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

export function formatMilliseconds(ms: number): string {
  if (ms < 1) return "<1 ms";
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  return formatSeconds(ms / 1000);
}

export function formatSeconds(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  if (s < 86_400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86_400)} d ${Math.floor((s % 86_400) / 3600)} h`;
}

// ISO 8601 duration (P1DT2H) to words; anything else is shown as it stands.
export function formatDuration(text: string | undefined): string {
  const parts = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text ?? "");
  if (!parts) return text ?? "";
  const names = ["d", "h", "min", "s"];
  const words = parts.slice(1).flatMap((value, i) => (value && value !== "0" ? [`${value} ${names[i]}`] : []));
  return words.join(" ") || "0 s";
}

export function durationMs(text: string): number | undefined {
  const parts = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text);
  if (!parts) return undefined;
  const [d, h, m, s] = parts.slice(1).map((value) => Number(value ?? 0));
  return (((d * 24 + h) * 60 + m) * 60 + s) * 1000;
}

const two = (n: number) => String(n).padStart(2, "0");

export function formatTime(time: string | number | undefined, utc: boolean, seconds = true): string {
  if (time === undefined || time === "") return "";
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return String(time);
  const [y, mo, d, h, mi, s] = utc
    ? [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate(), date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()]
    : [date.getFullYear(), date.getMonth(), date.getDate(), date.getHours(), date.getMinutes(), date.getSeconds()];
  return `${y}-${two(mo + 1)}-${two(d)} ${two(h)}:${two(mi)}${seconds ? `:${two(s)}` : ""}`;
}

export function formatAgo(time: string, now = Date.now()): string {
  const seconds = (now - new Date(time).getTime()) / 1000;
  const future = seconds < -30;
  const s = Math.abs(seconds);
  const text = s < 60 ? `${Math.floor(s)} s` : s < 3600 ? `${Math.floor(s / 60)} min` : s < 86_400 ? `${Math.floor(s / 3600)} h` : `${Math.floor(s / 86_400)} d`;
  if (!future && s < 5) return "now";
  return future ? `in ${text}` : `${text} ago`;
}

// "CamelCase" to "Camel case": names of enumerations and tactics as the contract writes them.
export const words = (name: string) => name.replace(/([a-z0-9])([A-Z])/g, "$1 $2");

// SPDX-License-Identifier: Apache-2.0
// A value of a result as text, by its KQL type.
import type { KqlType } from "@/api/types";
import { formatTime } from "@/parts/format";

export function cellText(value: unknown, type: KqlType, utc: boolean): string {
  if (value === null || value === undefined) return "";
  if (type === "datetime" && typeof value === "string") {
    const fraction = /\.(\d+)Z?$/.exec(value)?.[1].slice(0, 3);
    const shown = formatTime(value, utc);
    return fraction && Number(fraction) > 0 ? `${shown}.${fraction.padEnd(3, "0")}` : shown;
  }
  if (typeof value === "object") return JSON.stringify(value);
  return String(value);
}

export const isNumeric = (type: KqlType) => type === "int" || type === "long" || type === "real" || type === "decimal";

const exactParts = /^\d{4}-\d\d-\d\dT/;

// A value as a KQL literal, for filters made by a click.
export function literal(value: unknown, type: KqlType): string {
  const quoted = (text: string) => `"${text.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n").replace(/\r/g, "\\r").replace(/\t/g, "\\t")}"`;
  if (value === null) return `${type}(null)`;
  switch (type) {
    case "bool":
    case "int":
    case "long":
      return String(value);
    case "real":
    case "decimal":
      return `${type}(${String(value)})`;
    case "datetime":
      return exactParts.test(String(value)) ? `datetime(${String(value)})` : `todatetime(${quoted(String(value))})`;
    case "timespan":
      return `totimespan(${quoted(String(value))})`;
    case "guid":
      return `guid(${String(value)})`;
    default:
      return quoted(typeof value === "object" ? JSON.stringify(value) : String(value));
  }
}

const plainName = /^[A-Za-z_][A-Za-z0-9_]*$/;

// A line that keeps (or drops) rows with this value.
export function filterLine(column: string, value: unknown, type: KqlType, keep: boolean): string {
  const name = plainName.test(column) ? column : `['${column.replace(/\\/g, "\\\\").replace(/'/g, "\\'")}']`;
  if (value === null) return `| where ${keep ? "isnull" : "isnotnull"}(${name})`;
  const left = type === "dynamic" ? `tostring(${name})` : name;
  return `| where ${left} ${keep ? "==" : "!="} ${literal(value, type)}`;
}

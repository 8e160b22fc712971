// SPDX-License-Identifier: Apache-2.0
// A result as CSV (RFC 4180). Text that a spreadsheet would take for a formula gets an apostrophe in front: it comes from logs.
import type { Column } from "@/api/types";
import { isNumeric } from "./cell_text";

const formula = /^[=+\-@\t\r]/;

function field(value: unknown, column: Column): string {
  if (value === null || value === undefined) return "";
  let shown = typeof value === "object" ? JSON.stringify(value) : String(value);
  if (!isNumeric(column.type) && column.type !== "timespan" && formula.test(shown)) shown = `'${shown}`;
  return /[",\r\n]/.test(shown) ? `"${shown.replace(/"/g, '""')}"` : shown;
}

export function toCsv(columns: Column[], rows: readonly unknown[][], order: Iterable<number>): string {
  const header: Column = { name: "", type: "string" };
  const lines = [columns.map((column) => field(column.name, header)).join(",")];
  for (const row of order) lines.push(columns.map((column, i) => field(rows[row][i], column)).join(","));
  return `${lines.join("\r\n")}\r\n`;
}

export function download(name: string, content: string): void {
  const url = URL.createObjectURL(new Blob(["\ufeff", content], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

// SPDX-License-Identifier: Apache-2.0
// Order and widths of a result: an index over the rows, so that half a million of them sort without copying.
import type { Column, QueryResult } from "@/api/types";
import { cellText, isNumeric } from "./cell_text";

export interface Sorting {
  column: number;
  descending: boolean;
}

function compare(a: unknown, b: unknown, numeric: boolean): number {
  if (numeric) return Number(a) - Number(b);
  if (typeof a === "boolean") return Number(a) - Number(b);
  const left = typeof a === "object" ? JSON.stringify(a) : String(a);
  const right = typeof b === "object" ? JSON.stringify(b) : String(b);
  return left < right ? -1 : left > right ? 1 : 0;
}

// Nulls stand last in both directions, and equal rows keep their order.
export function orderOf(result: QueryResult, sorting: Sorting | undefined): Uint32Array {
  const order = Uint32Array.from({ length: result.rows.length }, (_, i) => i);
  if (!sorting) return order;
  const { column, descending } = sorting;
  const numeric = isNumeric(result.columns[column].type);
  const sign = descending ? -1 : 1;
  return order.sort((x, y) => {
    const a = result.rows[x][column];
    const b = result.rows[y][column];
    if (a === null || b === null) return a === b ? x - y : a === null ? 1 : -1;
    return sign * compare(a, b, numeric) || x - y;
  });
}

const sampled = 200;
const characterWidth = 7.1;

export function widthOf(column: Column, index: number, rows: readonly unknown[][]): number {
  let longest = column.name.length * 1.12 + column.type.length * 0.9 + 3;
  const step = Math.max(1, Math.floor(rows.length / sampled));
  for (let i = 0; i < rows.length; i += step) longest = Math.max(longest, cellText(rows[i][index], column.type, true).length);
  return Math.round(Math.min(420, Math.max(72, longest * characterWidth + 22)));
}

// Columns that hold nothing in any row.
export function emptyColumns(result: QueryResult): Set<number> {
  const empty = new Set(result.columns.map((_, i) => i));
  for (const row of result.rows) {
    if (empty.size === 0) break;
    for (const i of empty) if (row[i] !== null && row[i] !== "") empty.delete(i);
  }
  return empty;
}

// SPDX-License-Identifier: Apache-2.0
// The result as a grid that draws only what is seen, in both directions. Arrows move, Enter opens the row, Ctrl-C copies the cell.
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import type { QueryResult } from "@/api/types";
import { usePreferences } from "@/app/preferences";
import { copyText } from "@/parts/copy_text";
import { text } from "@/text";
import { cellText, isNumeric } from "./cell_text";
import { widthOf, type Sorting } from "./result_view";

const rowHeight = 28;

interface Props {
  result: QueryResult;
  order: Uint32Array;
  shown: number[];
  sorting?: Sorting;
  onSort: (column: number) => void;
  openRow?: number;
  onOpen: (row: number | undefined) => void;
}

export function ResultGrid({ result, order, shown, sorting, onSort, openRow, onOpen }: Props) {
  const { utc } = usePreferences();
  const frame = useRef<HTMLDivElement>(null);
  const [changed, setChanged] = useState<Record<number, number>>({});
  const [active, setActive] = useState({ row: 0, column: 0 });
  const measured = useMemo(() => result.columns.map((column, i) => widthOf(column, i, result.rows)), [result]);
  const width = (column: number) => changed[column] ?? measured[column];
  const rows = useVirtualizer({ count: order.length, getScrollElement: () => frame.current, estimateSize: () => rowHeight, overscan: 12 });
  const columns = useVirtualizer({ horizontal: true, count: shown.length, getScrollElement: () => frame.current, estimateSize: (i) => width(shown[i]), overscan: 4 });
  useEffect(() => columns.measure(), [changed, shown, columns]);

  const move = (row: number, column: number) => {
    const next = { row: Math.max(0, Math.min(order.length - 1, row)), column: Math.max(0, Math.min(shown.length - 1, column)) };
    setActive(next);
    rows.scrollToIndex(next.row);
    columns.scrollToIndex(next.column);
    if (openRow !== undefined) onOpen(order[next.row]);
  };
  const onKey = (event: KeyboardEvent) => {
    const { row, column } = active;
    const page = Math.max(1, Math.floor((frame.current?.clientHeight ?? 300) / rowHeight) - 2);
    const steps: Record<string, () => void> = {
      ArrowDown: () => move(row + 1, column), ArrowUp: () => move(row - 1, column), ArrowRight: () => move(row, column + 1), ArrowLeft: () => move(row, column - 1),
      PageDown: () => move(row + page, column), PageUp: () => move(row - page, column), Home: () => move(event.ctrlKey ? 0 : row, 0),
      End: () => move(event.ctrlKey ? order.length - 1 : row, shown.length - 1), Enter: () => onOpen(order[row]), Escape: () => onOpen(undefined),
    };
    if (event.key === "c" && (event.ctrlKey || event.metaKey) && !window.getSelection()?.toString()) {
      const column = shown[active.column];
      void copyText(cellText(result.rows[order[row]][column], result.columns[column].type, utc));
      return;
    }
    if (!steps[event.key]) return;
    event.preventDefault();
    steps[event.key]();
  };
  const resize = (event: PointerEvent, column: number) => {
    event.preventDefault();
    event.stopPropagation();
    const start = event.clientX;
    const before = width(column);
    const drag = (moved: globalThis.PointerEvent) => setChanged((old) => ({ ...old, [column]: Math.max(48, before + moved.clientX - start) }));
    const end = () => {
      window.removeEventListener("pointermove", drag);
      window.removeEventListener("pointerup", end);
    };
    window.addEventListener("pointermove", drag);
    window.addEventListener("pointerup", end);
  };
  const total = columns.getTotalSize();
  const visible = columns.getVirtualItems();
  return (
    <div ref={frame} className="grid-frame" role="grid" aria-label={text.logs.results} aria-rowcount={order.length + 1} aria-colcount={shown.length} tabIndex={0} onKeyDown={onKey} data-testid="grid">
      <div className="grid-head" role="row" style={{ width: total }}>
        {visible.map((item) => {
          const column = shown[item.index];
          const { name, type } = result.columns[column];
          const direction = sorting?.column === column ? (sorting.descending ? "descending" : "ascending") : "none";
          return (
            <div key={column} role="columnheader" aria-sort={direction} className="grid-cell grid-header" style={{ left: item.start, width: item.size }}>
              <button type="button" tabIndex={-1} title={`${name}: ${type}`} onClick={() => onSort(column)}>
                <span className="clip">{name}</span>
                <span className="grid-type">{direction === "none" ? type : direction === "ascending" ? "↑" : "↓"}</span>
              </button>
              <span className="grid-resize" onPointerDown={(event) => resize(event, column)} />
            </div>
          );
        })}
      </div>
      <div className="grid-body" style={{ width: total, height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((line) => {
          const row = order[line.index];
          return (
            <div key={line.index} role="row" aria-rowindex={line.index + 2} aria-selected={openRow === row} className={`grid-row ${line.index % 2 ? "grid-odd" : ""} ${openRow === row ? "grid-open" : ""}`} style={{ transform: `translateY(${line.start}px)` }}>
              {visible.map((item) => {
                const column = shown[item.index];
                const { type } = result.columns[column];
                const value = result.rows[row][column];
                const isActive = active.row === line.index && active.column === item.index;
                return (
                  <div
                    key={column}
                    role="gridcell"
                    className={`grid-cell ${isNumeric(type) ? "grid-number" : ""} ${isActive ? "grid-active" : ""}`}
                    style={{ left: item.start, width: item.size }}
                    onClick={() => {
                      setActive({ row: line.index, column: item.index });
                      onOpen(openRow === row ? undefined : row);
                    }}
                  >
                    {value === null ? <span className="grid-null">null</span> : cellText(value, type, utc)}
                  </div>
                );
              })}
            </div>
          );
        })}
      </div>
    </div>
  );
}

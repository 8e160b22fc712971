// SPDX-License-Identifier: Apache-2.0
// A list of things with sorting by the server, selection and keyboard: J and K or the arrows move, Enter opens, X or Space selects.
// On a narrow screen each row becomes a small card.
import { Checkbox } from "@fluentui/react-components";
import { useRef, type KeyboardEvent, type ReactNode } from "react";
import { text } from "@/text";

export interface TableColumn<T> {
  id: string;
  header: string;
  cell: (row: T) => ReactNode;
  sort?: string;
  width?: string;
  align?: "right";
  // "title" heads the card on a narrow screen; "wide" columns are left out there, "extra" ones already when the table gets tight.
  role?: "title" | "wide" | "extra";
}

interface Props<T> {
  label: string;
  columns: TableColumn<T>[];
  rows: T[];
  rowKey: (row: T) => string;
  sort?: string;
  onSort?: (sort: string) => void;
  onOpen?: (row: T) => void;
  selected?: Set<string>;
  onSelect?: (keys: Set<string>) => void;
  rowClass?: (row: T) => string;
}

export function DataTable<T>({ label, columns, rows, rowKey, sort, onSort, onOpen, selected, onSelect, rowClass }: Props<T>) {
  const body = useRef<HTMLTableSectionElement>(null);
  const toggle = (key: string) => {
    const next = new Set(selected);
    if (!next.delete(key)) next.add(key);
    onSelect?.(next);
  };
  const move = (from: HTMLElement, step: number) => {
    const all = [...(body.current?.querySelectorAll<HTMLElement>("tr") ?? [])];
    all[Math.min(all.length - 1, Math.max(0, all.indexOf(from) + step))]?.focus();
  };
  const onKey = (event: KeyboardEvent<HTMLElement>, row: T) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const actions: Record<string, () => void> = {
      j: () => move(event.currentTarget, 1),
      ArrowDown: () => move(event.currentTarget, 1),
      k: () => move(event.currentTarget, -1),
      ArrowUp: () => move(event.currentTarget, -1),
      Enter: () => onOpen?.(row),
      x: () => onSelect && toggle(rowKey(row)),
      " ": () => onSelect && toggle(rowKey(row)),
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  };
  const allSelected = rows.length > 0 && rows.every((row) => selected?.has(rowKey(row)));
  const someSelected = rows.some((row) => selected?.has(rowKey(row)));
  const nextSort = (column: TableColumn<T>) => (sort === `-${column.sort}` ? column.sort! : `-${column.sort}`);
  return (
    <div className="table-frame">
      <table className="data-table" aria-label={label}>
        <thead>
          <tr>
            {onSelect && (
              <th className="select-cell">
                <Checkbox
                  aria-label={text.table.selectAll}
                  checked={allSelected ? true : someSelected ? "mixed" : false}
                  onChange={() => onSelect(allSelected ? new Set() : new Set(rows.map(rowKey)))}
                />
              </th>
            )}
            {columns.map((column) => {
              const direction = sort === column.sort ? "ascending" : sort === `-${column.sort}` ? "descending" : undefined;
              return (
                <th key={column.id} style={{ width: column.width }} className={`${column.align ?? ""} ${column.role ? `role-${column.role}` : ""}`} aria-sort={column.sort ? (direction ?? "none") : undefined}>
                  {column.sort && onSort ? (
                    <button type="button" onClick={() => onSort(nextSort(column))}>
                      {column.header}
                      <span aria-hidden="true" className="sort-arrow">{direction === "ascending" ? "↑" : direction === "descending" ? "↓" : ""}</span>
                    </button>
                  ) : (
                    column.header
                  )}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody ref={body}>
          {rows.map((row) => {
            const key = rowKey(row);
            return (
              <tr
                key={key}
                data-key={key}
                tabIndex={0}
                aria-selected={onSelect ? (selected?.has(key) ?? false) : undefined}
                className={`${onOpen ? "can-open" : ""} ${rowClass?.(row) ?? ""}`}
                onKeyDown={(event) => onKey(event, row)}
                onClick={(event) => {
                  if (!onOpen || (event.target as HTMLElement).closest("a, button, input, label, .select-cell") || window.getSelection()?.toString()) return;
                  onOpen(row);
                }}
              >
                {onSelect && (
                  <td className="select-cell">
                    <Checkbox aria-label={text.table.selectRow} checked={selected?.has(key) ?? false} onChange={() => toggle(key)} />
                  </td>
                )}
                {columns.map((column) => (
                  <td key={column.id} data-label={column.header} className={`${column.align ?? ""} ${column.role ? `role-${column.role}` : ""}`}>
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

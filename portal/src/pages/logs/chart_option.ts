// SPDX-License-Identifier: Apache-2.0
// From a result and its `render` to ECharts. Limits keep a careless query from drawing a million points.
import type { QueryResult, Render } from "@/api/types";
import type { ChartOption, Palette } from "@/parts/chart";
import { formatCompact, formatTime } from "@/parts/format";
import { cellText, isNumeric } from "./cell_text";

const maxSeries = 100;
const maxPoints = 10_000;

export interface Plan {
  x: number;
  values: number[];
  split: number[];
  cut: boolean;
}

export const chartKinds: Render["kind"][] = ["timechart", "linechart", "areachart", "stackedareachart", "columnchart", "barchart", "piechart", "scatterchart", "treemap"];

// Which column is the axis, which are values, which name the series.
export function planOf(result: QueryResult, render: Render): Plan {
  const named = (name: string) => result.columns.findIndex((column) => column.name === name);
  const all = result.columns.map((_, i) => i);
  const isTime = (i: number) => result.columns[i].type === "datetime";
  const timed = render.kind === "timechart" || render.kind === "anomalychart";
  let x = render.xColumn ? named(render.xColumn) : -1;
  if (x < 0 && timed) x = all.find(isTime) ?? -1;
  if (x < 0) x = all.find((i) => isTime(i) && render.kind !== "piechart") ?? all.find((i) => !isNumeric(result.columns[i].type)) ?? 0;
  const numbers = all.filter((i) => i !== x && isNumeric(result.columns[i].type));
  const chosen = (render.yColumns ?? []).map(named).filter((i) => i >= 0);
  const values = chosen.length ? chosen : numbers;
  const wanted = (render.series ?? []).map(named).filter((i) => i >= 0);
  const split = wanted.length ? wanted : all.filter((i) => i !== x && !values.includes(i) && ["string", "bool", "guid"].includes(result.columns[i].type)).slice(0, 1);
  return { x, values, split: ["piechart", "treemap"].includes(render.kind) ? [] : split, cut: result.rows.length > maxPoints };
}

interface Series {
  name: string;
  points: Map<unknown, number | null>;
}

function seriesOf(result: QueryResult, plan: Plan, utc: boolean): { keys: unknown[]; series: Series[] } {
  const keys = new Map<string, unknown>();
  const found = new Map<string, Series>();
  for (const row of result.rows.slice(0, maxPoints)) {
    const key = cellText(row[plan.x], result.columns[plan.x].type, utc);
    keys.set(key, row[plan.x]);
    const part = plan.split.map((i) => cellText(row[i], result.columns[i].type, utc)).join(", ");
    for (const value of plan.values) {
      const column = result.columns[value].name;
      const name = plan.split.length ? (plan.values.length > 1 ? `${part}: ${column}` : part || "(empty)") : column;
      let one = found.get(name);
      if (!one) {
        if (found.size >= maxSeries) continue;
        found.set(name, (one = { name, points: new Map() }));
      }
      one.points.set(key, row[value] === null ? null : Number(row[value]));
    }
  }
  return { keys: [...keys.keys()], series: [...found.values()] };
}

export function chartOption(result: QueryResult, render: Render, plan: Plan, utc: boolean): (palette: Palette) => ChartOption {
  return (palette) => {
    if (plan.values.length === 0 || result.rows.length === 0) return {};
    const { keys, series } = seriesOf(result, plan, utc);
    const title = render.title ? { title: { text: render.title, left: 8, top: 2, textStyle: { fontSize: 14, fontWeight: 600, color: palette.text } } } : {};
    const top = render.title ? 36 : 16;
    if (render.kind === "piechart" || render.kind === "treemap") {
      const items = keys.map((name) => ({ name: String(name), value: series[0].points.get(name) ?? 0 })).sort((a, b) => b.value - a.value).slice(0, 100);
      const type = render.kind === "piechart" ? { type: "pie", radius: ["38%", "72%"], label: { color: palette.text }, itemStyle: { borderColor: palette.surface, borderWidth: 2 } } : { type: "treemap", roam: false, breadcrumb: { show: false } };
      return { ...title, tooltip: { trigger: "item" }, legend: render.kind === "piechart" ? { type: "scroll", orient: "vertical", right: 8, top: "middle" } : undefined, series: [{ ...type, data: items }] };
    }
    const isTime = result.columns[plan.x].type === "datetime";
    const numericX = isNumeric(result.columns[plan.x].type);
    const scatter = render.kind === "scatterchart";
    const bars = render.kind === "barchart" || render.kind === "columnchart";
    const flat = render.kind === "barchart";
    const stacked = render.kind === "stackedareachart" || render.mode === "stacked" || (bars && plan.split.length > 0 && render.mode !== "unstacked");
    const area = render.kind === "areachart" || render.kind === "stackedareachart";
    const pointed = (isTime || numericX) && !bars;
    const at = new Map(result.rows.slice(0, maxPoints).map((row) => [cellText(row[plan.x], result.columns[plan.x].type, utc), row[plan.x]]));
    const place = (key: unknown) => (isTime ? new Date(String(at.get(String(key)))).getTime() : Number(at.get(String(key))));
    const keyAxis = pointed
      ? { type: isTime ? "time" : render.xAxis === "log" ? "log" : "value", scale: true, splitLine: { show: false }, ...(isTime ? { axisPointer: { label: { formatter: (p: { value: number }) => formatTime(p.value, utc) } } } : {}) }
      : { type: "category", data: flat ? keys.toReversed() : keys, splitLine: { show: false } };
    const valueAxis = { type: render.yAxis === "log" ? "log" : "value", min: render.yMin, max: render.yMax, name: render.yTitle, axisLabel: { color: palette.quiet, fontSize: 11, formatter: formatCompact } };
    const drawn = series.map((one) => {
      let sum = 0;
      const total = (value: number | null) => (render.accumulate ? (sum += value ?? 0) : value);
      const data = pointed
        ? keys.filter((key) => one.points.has(key)).map((key) => [place(key), one.points.get(key) ?? null] as [number, number | null]).sort((a, b) => a[0] - b[0]).map(([x, y]) => [x, total(y)])
        : (flat ? keys.toReversed() : keys).map((key) => total(one.points.get(key) ?? null));
      return { name: one.name, type: scatter ? "scatter" : bars ? "bar" : "line", data, stack: stacked ? "all" : undefined, areaStyle: area ? { opacity: stacked ? 0.7 : 0.2 } : undefined, showSymbol: keys.length <= 40, symbolSize: scatter ? 8 : 5, barMaxWidth: 40, lineStyle: { width: 2 } };
    });
    const legend = series.length > 1 && render.legend !== "hidden" ? { type: "scroll", bottom: 4 } : undefined;
    return { ...title, grid: { left: 12, right: 24, top, bottom: legend ? 36 : 10, containLabel: true }, legend, tooltip: { trigger: scatter ? "item" : "axis", order: "valueDesc" }, xAxis: flat ? valueAxis : keyAxis, yAxis: flat ? keyAxis : valueAxis, series: drawn };
  };
}

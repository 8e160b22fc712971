// SPDX-License-Identifier: Apache-2.0
import type { Overview } from "@/api/types";
import { severities } from "@/api/types";
import type { ChartOption, Palette } from "@/parts/chart";
import { formatCompact, formatTime } from "@/parts/format";
import { text } from "@/text";

const span = (data: Overview | undefined) => (data ? new Date(data.to).getTime() - new Date(data.from).getTime() : 0);
const label = (data: Overview | undefined, utc: boolean) => (time: string) =>
  span(data) > 2 * 86_400_000 ? formatTime(time, utc, false).slice(5, 10) : formatTime(time, utc, false).slice(11);

export const alertBars = (data: Overview | undefined, utc: boolean) => (palette: Palette): ChartOption => ({
  legend: { bottom: 0, data: severities.map((s) => text.severity[s]) },
  grid: { left: 4, right: 8, top: 10, bottom: 28, containLabel: true },
  tooltip: { trigger: "axis" },
  xAxis: { type: "category", data: data?.alerts.series.map((step) => label(data, utc)(step.time)) ?? [], splitLine: { show: false } },
  yAxis: { type: "value", minInterval: 1 },
  series: severities.map((severity) => ({
    type: "bar",
    stack: "alerts",
    name: text.severity[severity],
    barMaxWidth: 22,
    itemStyle: { color: palette.severity[severity] },
    data: data?.alerts.series.map((step) => step.counts[severity]) ?? [],
  })),
});

export const eventLine = (data: Overview | undefined, utc: boolean) => (palette: Palette): ChartOption => ({
  grid: { left: 4, right: 8, top: 10, bottom: 4, containLabel: true },
  tooltip: { trigger: "axis" },
  xAxis: { type: "category", boundaryGap: false, data: data?.events.series.map((step) => label(data, utc)(step.time)) ?? [], splitLine: { show: false } },
  yAxis: { type: "value", axisLabel: { color: palette.quiet, fontSize: 11, formatter: formatCompact } },
  series: [
    { type: "line", name: text.overview.events, showSymbol: false, lineStyle: { width: 2 }, areaStyle: { opacity: 0.14 }, data: data?.events.series.map((step) => step.count) ?? [] },
  ],
});

// SPDX-License-Identifier: Apache-2.0
// ECharts with only the chart kinds in use, in Fluent's colours. Tooltips are drawn on the canvas, never as HTML: names in a
// chart come from logs.
import { BarChart, LineChart, PieChart, ScatterChart, TreemapChart } from "echarts/charts";
import { DataZoomComponent, GridComponent, LegendComponent, TitleComponent, TooltipComponent } from "echarts/components";
import { init, use, type EChartsType } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";
import { usePreferences } from "@/app/preferences";

use([BarChart, LineChart, PieChart, ScatterChart, TreemapChart, GridComponent, LegendComponent, TitleComponent, TooltipComponent, DataZoomComponent, CanvasRenderer]);

export type ChartOption = Record<string, unknown>;

export interface Palette {
  text: string;
  quiet: string;
  line: string;
  surface: string;
  series: string[];
  severity: Record<string, string>;
}

export const palettes: Record<"light" | "dark", Palette> = {
  light: {
    text: "#242424", quiet: "#5c6470", line: "#e1e4e9", surface: "#ffffff",
    series: ["#127a99", "#d0682a", "#6b4fbb", "#3d8b40", "#b83280", "#8a6d1a", "#3566c8", "#5f6b7a"],
    severity: { High: "#c4314b", Medium: "#d9762b", Low: "#c9a227", Informational: "#7d8a99" },
  },
  dark: {
    text: "#e6e9ee", quiet: "#9fa8b4", line: "#2e343e", surface: "#1c2027",
    series: ["#4cb4d0", "#f0995c", "#a68df0", "#77c47a", "#ef82b8", "#d6b652", "#83a8f5", "#a3afbd"],
    severity: { High: "#f0616d", Medium: "#f2995a", Low: "#e0c04f", Informational: "#8b98a8" },
  },
};

interface Props {
  option: (palette: Palette) => ChartOption;
  label: string;
  height?: number | string;
  onClick?: (event: { name: string; seriesName?: string; data: unknown }) => void;
}

export function Chart({ option, label, height = 220, onClick }: Props) {
  const { dark } = usePreferences();
  const frame = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType>(null);
  const click = useRef(onClick);
  click.current = onClick;
  useEffect(() => {
    const made = init(frame.current!);
    chart.current = made;
    made.on("click", (event) => click.current?.(event as unknown as { name: string; seriesName?: string; data: unknown }));
    const watch = new ResizeObserver(() => made.resize());
    watch.observe(frame.current!);
    return () => {
      watch.disconnect();
      made.dispose();
    };
  }, []);
  useEffect(() => {
    const palette = palettes[dark ? "dark" : "light"];
    const axis = { axisLine: { lineStyle: { color: palette.line } }, axisTick: { show: false }, axisLabel: { color: palette.quiet, fontSize: 11, hideOverlap: true }, splitLine: { lineStyle: { color: palette.line } } };
    const given = option(palette);
    const dress = (one: unknown) => (Array.isArray(one) ? one.map((a) => ({ ...axis, ...a })) : one ? { ...axis, ...(one as object) } : undefined);
    chart.current?.setOption(
      {
        animationDuration: 200,
        color: palette.series,
        textStyle: { fontFamily: "inherit", color: palette.text },
        grid: { left: 8, right: 12, top: 16, bottom: 4, containLabel: true },
        ...given,
        ...(given.xAxis ? { xAxis: dress(given.xAxis), yAxis: dress(given.yAxis) } : {}),
        legend: given.legend ? { textStyle: { color: palette.quiet, fontSize: 11 }, icon: "roundRect", itemWidth: 10, itemHeight: 10, ...(given.legend as object) } : undefined,
        tooltip: { renderMode: "richText", backgroundColor: palette.surface, borderColor: palette.line, textStyle: { color: palette.text, fontSize: 12 }, confine: true, ...((given.tooltip as object) ?? {}) },
      },
      true,
    );
  }, [option, dark]);
  return <div ref={frame} className="chart" role="img" aria-label={label} style={{ height }} />;
}

// SPDX-License-Identifier: Apache-2.0
// The chart that `render` asks for. Kinds that cannot be drawn from this result say so.
import { useMemo } from "react";
import type { QueryResult, Render } from "@/api/types";
import { usePreferences } from "@/app/preferences";
import { Chart } from "@/parts/lazy_chart";
import { formatCompact } from "@/parts/format";
import { Empty } from "@/parts/states";
import { text } from "@/text";
import { cellText } from "./cell_text";
import { chartOption, planOf } from "./chart_option";

export function ResultChart({ result, render }: { result: QueryResult; render: Render }) {
  const { utc } = usePreferences();
  const plan = useMemo(() => planOf(result, render), [result, render]);
  const option = useMemo(() => chartOption(result, render, plan, utc), [result, render, plan, utc]);
  if (render.kind === "card")
    return (
      <div className="result-cards">
        {result.columns.map((column, i) => (
          <div key={column.name} className="result-card">
            <span>{typeof result.rows[0]?.[i] === "number" ? formatCompact(result.rows[0][i] as number) : cellText(result.rows[0]?.[i], column.type, utc)}</span>
            <span className="quiet">{column.name}</span>
          </div>
        ))}
      </div>
    );
  if (plan.values.length === 0 || result.rows.length === 0) return <Empty title={text.logs.noChart}>{text.logs.noChartHint}</Empty>;
  return (
    <div className="result-chart" data-testid="chart">
      <Chart option={option} label={render.title ?? text.logs.chartOf(render.kind)} height="100%" />
      {plan.cut && <p className="quiet small">{text.logs.chartCut}</p>}
    </div>
  );
}

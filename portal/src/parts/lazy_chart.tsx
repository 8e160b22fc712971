// SPDX-License-Identifier: Apache-2.0
// A chart whose library is fetched after the page around it is shown.
import { lazy, Suspense, type ComponentProps } from "react";

const Loaded = lazy(() => import("./chart").then((module) => ({ default: module.Chart })));

export function Chart(props: ComponentProps<typeof Loaded>) {
  return (
    <Suspense fallback={<div className="chart" style={{ height: props.height ?? 220 }} />}>
      <Loaded {...props} />
    </Suspense>
  );
}

// SPDX-License-Identifier: Apache-2.0
#include "kql/explain.h"

namespace garrison::kql {

std::string explain(const Compilation& compilation) {
  std::string out;
  for (const Diagnostic& diagnostic : compilation.diagnostics) {
    out += diagnostic.code + " at " + std::to_string(diagnostic.position.line) + ":" +
           std::to_string(diagnostic.position.column) + ": " + diagnostic.message + "\n";
  }
  const auto add_stages = [&](const std::vector<Stage>& stages) {
    for (const Stage& stage : stages) {
      out += "stage " + stage.name + " (" + stage.output.to_string() + ")\n" + stage.sql + "\n";
      for (const NativeCall& call : stage.calls) out += "  then " + std::string(call.function.name) + "\n";
    }
  };
  if (const DiscoveryRequest* discovery = compilation.discovery()) {
    add_stages(discovery->stages);
    out += "discovery of columns\n" + discovery->sql + "\n";
  }
  if (const Plan* plan = compilation.plan()) {
    out += "columns\n  " + plan->schema.to_string() + "\n";
    out += "tree\n" + plan->tree;
    add_stages(plan->stages);
    out += "sql\n" + plan->sql + "\n";
    for (const std::string& warning : plan->warnings) out += "warning: " + warning + "\n";
  }
  return out;
}

}  // namespace garrison::kql

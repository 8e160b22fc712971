// SPDX-License-Identifier: Apache-2.0
#include "ingest/formats/all.h"

#include <fmt/core.h>

namespace garrison::ingest {
namespace {

constexpr const Format* kAll[] = {
    &formats::kAwsCloudTrail,
    &formats::kJson,
    &formats::kLogAnalytics,
    &formats::kWindowsEvents,
};

}  // namespace

std::span<const Format* const> all_formats() {
  return kAll;
}

Result<const Format*> find_format(std::string_view name) {
  std::string known;
  for (const Format* format : kAll) {
    if (format->name == name) return format;
    known += fmt::format(", {}", format->name);
  }
  return bad_input("INGEST-0040", fmt::format("unknown format `{}`; known: auto{}", name, known));
}

const Format* detect_format(std::string_view first_record, RecordLimits limits) {
  JsonFields reader(limits);
  if (const auto fields = reader.read(first_record, 5))
    for (const Format* format : kAll)
      if (format->matches != nullptr && format->matches(**fields)) return format;
  return &formats::kJson;
}

}  // namespace garrison::ingest

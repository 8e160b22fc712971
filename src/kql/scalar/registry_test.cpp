// SPDX-License-Identifier: Apache-2.0
#include "kql/scalar/registry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "base/json.h"
#include "kql/scalar/documented_names.h"
#include "kql/scalar/manual.h"

namespace garrison::kql {
namespace {

template <typename Entry>
void check_entries(std::span<const Entry* const> entries) {
  ASSERT_FALSE(entries.empty());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const Entry& entry = *entries[i];
    if (i > 0) EXPECT_LT(entries[i - 1]->name, entry.name) << "two entries of one name, or not sorted";
    EXPECT_FALSE(entry.description.empty()) << entry.name;
    EXPECT_TRUE(entry.description.empty() || entry.description.back() == '.') << entry.name;
    EXPECT_FALSE(entry.result.empty()) << entry.name;
    EXPECT_FALSE(entry.example.query.empty()) << entry.name;
    EXPECT_TRUE(json::parse(entry.example.result).ok()) << entry.name << ": " << entry.example.result;
    EXPECT_NE(entry.lower, nullptr) << entry.name;
    bool has_optional = false;
    for (const Argument& argument : entry.arguments) {
      const bool is_optional = argument.rule != ArgumentRule::kRequired;
      EXPECT_TRUE(is_optional || !has_optional) << entry.name << ": a required argument behind an optional one";
      has_optional = has_optional || is_optional;
    }
  }
}

TEST(RegistryTest, EntriesAreSortedUniqueAndDescribed) {
  check_entries(all_functions());
  check_entries(all_aggregates());
}

TEST(RegistryTest, FindsByExactName) {
  ASSERT_NE(find_function("strlen"), nullptr);
  EXPECT_EQ(find_function("strlen")->name, "strlen");
  EXPECT_EQ(find_function("STRLEN"), nullptr);
  EXPECT_EQ(find_function(""), nullptr);
  ASSERT_NE(find_aggregate("count"), nullptr);
  EXPECT_EQ(find_aggregate("strlen"), nullptr);
}

TEST(RegistryTest, EveryFunctionOfOftenUsedContentIsThere) {
  for (const char* name : {"ago",          "tostring",      "isnotempty",
                           "split",        "parse_json",    "iff",
                           "now",          "bin",           "extract",
                           "strcat",       "tolower",       "case",
                           "todatetime",   "todynamic",     "isempty",
                           "array_length", "iif",           "not",
                           "pack",         "replace",       "ipv4_is_private",
                           "parse_xml",    "toint",         "startofday",
                           "strlen",       "trim",          "pack_array",
                           "todouble",     "datetime_diff", "substring",
                           "extract_all",  "parse_url",     "series_decompose_anomalies",
                           "tolong",       "toupper",       "extractjson"}) {
    EXPECT_NE(find_function(name), nullptr) << name;
  }
  for (const char* name : {"count", "max", "min", "make_set", "dcount", "makeset", "arg_max", "sum", "make_list",
                           "countif", "makelist", "avg", "make_bag", "any"}) {
    EXPECT_NE(find_aggregate(name), nullptr) << name;
  }
}

TEST(RegistryTest, DocumentedNamesAreSortedAndToldFromMisspeltOnes) {
  const auto names = documented_functions();
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_TRUE(is_documented_function("geo_distance_2points"));
  EXPECT_FALSE(is_documented_function("geo_distance_3points"));
  for (const auto name : unsupported_functions()) EXPECT_EQ(find_function(name), nullptr) << name;
}

TEST(ManualTest, NamesEveryEntryOnce) {
  std::ostringstream manual;
  write_manual(manual);
  const std::string text = manual.str();
  for (const Function* entry : all_functions()) {
    const std::string heading = "### " + std::string(entry->name) + "\n";
    EXPECT_NE(text.find(heading), std::string::npos) << entry->name;
  }
  EXPECT_NE(text.find("`strlen(text)` gives long."), std::string::npos);
}

}  // namespace
}  // namespace garrison::kql

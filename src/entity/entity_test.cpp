// SPDX-License-Identifier: Apache-2.0
#include "entity/entity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "entity/alert.h"
#include "entity/mapping.h"

namespace garrison::entity {
namespace {

Entity make(EntityKind kind, std::map<std::string, std::string> properties) { return {kind, std::move(properties)}; }

table::Batch rows(std::vector<table::Column> columns, std::vector<std::vector<std::string>> values) {
  table::Batch batch(table::Schema{std::move(columns)});
  for (const auto& row : values) {
    for (std::size_t c = 0; c < row.size(); ++c) batch.columns[c].append_text(row[c]);
  }
  return batch;
}

TEST(Entity, FullNameIsSplitIntoItsParts) {
  Entity domain = make(EntityKind::kAccount, {{"FullName", "CORP\\ann"}});
  normalise(domain);
  EXPECT_EQ(domain.properties, (std::map<std::string, std::string>{{"NTDomain", "CORP"}, {"Name", "ann"}}));
  Entity principal = make(EntityKind::kAccount, {{"FullName", "ann@corp.example"}});
  normalise(principal);
  EXPECT_EQ(display_name(principal), "ann@corp.example");
  EXPECT_EQ(principal.properties.at("Name"), "ann");
  Entity host = make(EntityKind::kHost, {{"FullName", "ws1.corp.example"}});
  normalise(host);
  EXPECT_EQ(host.properties, (std::map<std::string, std::string>{{"DnsDomain", "corp.example"}, {"HostName", "ws1"}}));
  Entity address = make(EntityKind::kHost, {{"FullName", "10.0.0.1"}});
  normalise(address);
  EXPECT_EQ(address.properties.at("HostName"), "10.0.0.1");
}

TEST(Entity, StrongKeysIgnoreCaseAndNeedTheWholeSet) {
  EXPECT_EQ(strong_key(make(EntityKind::kAccount, {{"Name", "Ann"}, {"NTDomain", "CORP"}})),
            strong_key(make(EntityKind::kAccount, {{"Name", "ann"}, {"NTDomain", "corp"}})));
  EXPECT_FALSE(strong_key(make(EntityKind::kAccount, {{"Name", "ann"}})));
  EXPECT_FALSE(strong_key(make(EntityKind::kFileHash, {{"Value", "00"}})));
  EXPECT_TRUE(strong_key(make(EntityKind::kIp, {{"Address", "10.0.0.1"}})));
}

TEST(Entity, JsonRoundTripsForEveryKind) {
  for (int k = 0; k < 18; ++k) {
    const auto kind = static_cast<EntityKind>(k);
    const Entity entity = make(kind, {{std::string(identifiers(kind).front()), "x"}});
    EXPECT_EQ(from_json(json::value(to_json(entity))), entity) << to_string(kind);
    EXPECT_EQ(parse_entity_kind(to_string(kind)), kind);
  }
}

TEST(EntityCollector, DropsGenericAccountsAndRepeats) {
  const std::vector<EntityMapping> mappings = {{EntityKind::kAccount, {{"Name", "User"}}}};
  EntityCollector collector(mappings);
  const auto batch = rows({{"User", table::Kind::kString}}, {{"SYSTEM"}, {"ann"}, {"ANN"}, {""}, {"CORP\\bob"}});
  for (std::size_t row = 0; row < batch.num_rows(); ++row) collector.add_row(batch, row);
  const auto entities = collector.take();
  ASSERT_EQ(entities.size(), 2u);
  EXPECT_EQ(display_name(entities[0]), "ann");
  EXPECT_EQ(display_name(entities[1]), "CORP\\bob");
}

TEST(EntityCollector, SpreadsArraysAndSharesTheLimit) {
  const std::vector<EntityMapping> mappings = {{EntityKind::kIp, {{"Address", "Ips"}}}, {EntityKind::kHost, {{"HostName", "Host"}}}};
  EntityCollector collector(mappings);
  std::string many = "[";
  for (int i = 0; i < 600; ++i) many += (i ? ",\"" : "\"") + std::string("10.0.") + std::to_string(i / 256) + "." + std::to_string(i % 256) + "\"";
  many += "]";
  const auto batch = rows({{"Ips", table::Kind::kDynamic}, {"Host", table::Kind::kString}}, {{many, "ws1"}});
  collector.add_row(batch, 0);
  const auto entities = collector.take();
  EXPECT_EQ(entities.size(), 251u);
  EXPECT_EQ(entities.back().kind, EntityKind::kHost);
}

TEST(Severity, ParsesAnyCase) {
  EXPECT_EQ(parse_severity("high"), Severity::kHigh);
  EXPECT_FALSE(parse_severity("urgent"));
}

}  // namespace
}  // namespace garrison::entity

// SPDX-License-Identifier: Apache-2.0
// How a rule's columns become entities (entityMappings). Pure functions.
#pragma once

#include <string>
#include <vector>

#include "entity/entity.h"
#include "table/batch.h"

namespace garrison::entity {

inline constexpr std::size_t kMaxMappings = 10;
inline constexpr std::size_t kMaxIdentifiers = 3;
inline constexpr std::size_t kMaxEntitiesPerAlert = 500;

struct FieldMapping {
  std::string identifier;
  std::string column;
};

struct EntityMapping {
  EntityKind kind = EntityKind::kAccount;
  std::vector<FieldMapping> fields;
};

// Collects the distinct entities of rows, at most kMaxEntitiesPerAlert, shared evenly among the mappings.
class EntityCollector {
 public:
  explicit EntityCollector(const std::vector<EntityMapping>& mappings);
  // Columns that the batch does not have are passed over; a dynamic array gives one entity an element.
  void add_row(const table::Batch& batch, std::size_t row);
  std::vector<Entity> take();

 private:
  void add(std::size_t mapping, Entity entity);

  const std::vector<EntityMapping>& mappings_;
  std::vector<std::vector<Entity>> found_;       // a mapping each
  std::map<std::string, std::size_t> known_;     // key -> mapping
};

}  // namespace garrison::entity

// SPDX-License-Identifier: Apache-2.0
#include "entity/mapping.h"

#include <algorithm>

#include "base/text.h"

namespace garrison::entity {
namespace {

// The texts of a value: one, or those of a dynamic array of strings (make_set and friends).
std::vector<std::string> texts_of(const table::ColumnVector& column, std::size_t row) {
  const std::string whole = table::to_display(column, row);
  if (column.kind() != table::Kind::kDynamic || whole.empty()) return {whole};
  const auto document = json::parse(whole);
  if (!document.ok()) return {whole};
  if (document->is_string()) return {std::string(document->get_string())};
  if (!document->is_array()) return {whole};
  std::vector<std::string> out;
  for (const json::value& element : document->get_array()) {
    if (element.is_string()) out.emplace_back(element.get_string());
    else if (!element.is_null()) out.push_back(json::print(element));
  }
  return out;
}

}  // namespace

EntityCollector::EntityCollector(const std::vector<EntityMapping>& mappings)
    : mappings_(mappings), found_(mappings.size()) {}

void EntityCollector::add_row(const table::Batch& batch, std::size_t row) {
  for (std::size_t m = 0; m < mappings_.size(); ++m) {
    std::vector<std::vector<std::string>> values;
    std::size_t num_entities = 0;
    for (const FieldMapping& field : mappings_[m].fields) {
      const auto index = batch.schema.index_of(field.column);
      values.push_back(index ? texts_of(batch.columns[*index], row) : std::vector<std::string>());
      num_entities = std::max(num_entities, values.back().size());
    }
    for (std::size_t n = 0; n < num_entities; ++n) {
      Entity entity{mappings_[m].kind, {}};
      for (std::size_t f = 0; f < values.size(); ++f) {
        if (values[f].empty()) continue;
        // A single value goes with each element of an array beside it.
        const std::string& value = values[f].size() == 1 ? values[f][0] : n < values[f].size() ? values[f][n] : std::string();
        const std::string_view trimmed = text::trim(value);
        if (!trimmed.empty()) entity.properties.emplace(mappings_[m].fields[f].identifier, trimmed);
      }
      add(m, std::move(entity));
    }
  }
}

void EntityCollector::add(std::size_t mapping, Entity entity) {
  normalise(entity);
  if (entity.properties.empty() || is_generic(entity)) return;
  if (found_[mapping].size() >= kMaxEntitiesPerAlert) return;
  if (known_.emplace(key(entity), mapping).second) found_[mapping].push_back(std::move(entity));
}

std::vector<Entity> EntityCollector::take() {
  std::vector<Entity> out;
  if (found_.empty()) return out;
  const std::size_t share = kMaxEntitiesPerAlert / found_.size();
  for (auto& entities : found_) {
    const std::size_t count = std::min(share, entities.size());
    std::move(entities.begin(), entities.begin() + static_cast<std::ptrdiff_t>(count), std::back_inserter(out));
  }
  return out;
}

}  // namespace garrison::entity

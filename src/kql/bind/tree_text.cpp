// SPDX-License-Identifier: Apache-2.0
#include "kql/bind/tree_text.h"

namespace garrison::kql {
namespace {

struct Printer {
  std::string out;

  void line(std::size_t depth, const std::string& text) {
    out.append(2 * depth, ' ');
    out += text;
    out += '\n';
  }
  static std::string names(const std::vector<Definition>& definitions) {
    std::string text;
    for (const Definition& definition : definitions) {
      if (!text.empty()) text += ", ";
      text += column_sql(definition.id) + " = " + definition.sql;
    }
    return text;
  }

  void print(const Node& node, std::size_t depth) {
    std::visit([&](const auto& item) { print_item(item, depth); }, node.node);
  }
  void print_item(const ScanNode& scan, std::size_t depth) {
    line(depth, "scan " + scan.table->name + " from c" + std::to_string(scan.first_id) +
                    (scan.table->sql_name.empty() ? " (no rows were ever written)" : ""));
  }
  void print_item(const ValuesNode& values, std::size_t depth) {
    line(depth, "values " + std::to_string(values.num_rows) + " rows");
  }
  void print_item(const NumbersNode& numbers, std::size_t depth) { line(depth, "numbers " + numbers.num_rows); }
  void print_item(const CteNode& cte, std::size_t depth) { line(depth, "common table m" + std::to_string(cte.index)); }
  void print_item(const FilterNode& filter, std::size_t depth) {
    line(depth, "filter " + filter.predicate);
    print(*filter.input, depth + 1);
  }
  void print_item(const ExtendNode& extend, std::size_t depth) {
    line(depth, "extend " + names(extend.definitions));
    print(*extend.input, depth + 1);
  }
  void print_item(const WindowNode& window, std::size_t depth) {
    line(depth, "window " + names(window.definitions));
    print(*window.input, depth + 1);
  }
  void print_item(const AggregateNode& aggregate, std::size_t depth) {
    line(depth, "aggregate " + names(aggregate.aggregates) + " by " + names(aggregate.keys));
    print(*aggregate.input, depth + 1);
  }
  void print_item(const SortNode& sort, std::size_t depth) {
    std::string text = "sort";
    for (const SortTerm& term : sort.terms) text += " " + column_sql(term.column) + (term.ascending ? " asc" : " desc");
    line(depth, text);
    print(*sort.input, depth + 1);
  }
  void print_item(const LimitNode& limit, std::size_t depth) {
    std::string text = "limit " + limit.count;
    for (const ColumnId id : limit.by) text += (id == limit.by.front() ? " by " : ", ") + column_sql(id);
    line(depth, text);
    print(*limit.input, depth + 1);
  }
  void print_item(const JoinNode& join, std::size_t depth) {
    constexpr const char* kNames[] = {"inner", "left", "right", "full", "left semi", "left anti", "cross"};
    std::string text = std::string(kNames[static_cast<std::size_t>(join.shape)]) + " join";
    for (const JoinNode::Key& key : join.keys) {
      text += " " + column_sql(key.left) + (key.null_safe ? " <=> " : " = ") + column_sql(key.right);
    }
    line(depth, text);
    print(*join.left, depth + 1);
    print(*join.right, depth + 1);
  }
  void print_item(const UnionNode& node, std::size_t depth) {
    line(depth, "union");
    for (const UnionNode::Branch& branch : node.branches) print(*branch.input, depth + 1);
  }
  void print_item(const ArrayJoinNode& node, std::size_t depth) {
    line(depth, "array join " + names(node.arrays));
    print(*node.input, depth + 1);
  }
  void print_item(const NativeNode& node, std::size_t depth) {
    line(depth, "native " + std::string(node.function.name));
    print(*node.input, depth + 1);
  }
};

}  // namespace

std::string tree_text(const Node& root) {
  Printer printer;
  printer.print(root, 0);
  return std::move(printer.out);
}

}  // namespace garrison::kql

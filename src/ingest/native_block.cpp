// SPDX-License-Identifier: Apache-2.0
#include "ingest/native_block.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <optional>

#include "base/json.h"
#include "base/text.h"
#include "base/ticks.h"
#include "table/batch.h"

namespace garrison::ingest {
namespace {

using table::Kind;
using table::Nullability;

Error broken(std::string_view what) {
  return corrupt("INGEST-0001", fmt::format("a batch of the ingest log is damaged: {}", what));
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  std::optional<std::uint64_t> varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 63 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return std::nullopt;
  }
  std::optional<std::string_view> take(std::uint64_t count) {
    if (count > rest_.size()) return std::nullopt;
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  std::optional<std::string_view> text() {
    const auto length = varint();
    return length ? take(*length) : std::nullopt;
  }
  // The bytes of `count` texts with their lengths.
  std::optional<std::string_view> texts(std::uint64_t count) {
    const std::string_view start = rest_;
    for (std::uint64_t i = 0; i < count; ++i)
      if (!text()) return std::nullopt;
    return start.substr(0, start.size() - rest_.size());
  }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

struct Layout {
  bool is_nullable = false;
  std::size_t width = 0;
};

std::optional<Layout> layout_of(std::string_view type) {
  static const auto known = [] {
    std::vector<std::pair<std::string_view, Layout>> list;
    for (int i = 0; i <= static_cast<int>(Kind::kDynamic); ++i) {
      const Kind kind = static_cast<Kind>(i);
      list.emplace_back(native_type(kind, Nullability::kNotNull), Layout{false, native_width(kind)});
      if (kind != Kind::kString)
        list.emplace_back(native_type(kind, Nullability::kNullable), Layout{true, native_width(kind)});
    }
    return list;
  }();
  for (const auto& [name, layout] : known)
    if (name == type) return layout;
  return std::nullopt;
}

// Byte offsets of the rows of a text column, one more than rows.
std::vector<std::size_t> text_offsets(std::string_view values, std::size_t num_rows) {
  std::vector<std::size_t> offsets{0};
  offsets.reserve(num_rows + 1);
  Reader reader(values);
  for (std::size_t row = 0; row < num_rows; ++row) {
    const auto text = reader.text();
    offsets.push_back(text ? static_cast<std::size_t>(text->data() + text->size() - values.data()) : offsets.back());
  }
  return offsets;
}

template <typename T>
T read_fixed(std::string_view values, std::size_t row) {
  T value{};
  std::memcpy(&value, values.data() + row * sizeof(T), sizeof(T));
  return value;
}

std::string guid_text(std::string_view bytes) {
  std::string ordered(bytes);
  std::reverse(ordered.begin(), ordered.begin() + 8);
  std::reverse(ordered.begin() + 8, ordered.end());
  std::string hex = text::hex(ordered);
  for (const std::size_t at : {20, 16, 12, 8}) hex.insert(at, "-");
  return hex;
}

// Appends the value; false when it is null or ''.
bool append_value_json(std::string& out, const NativeColumn& column, std::size_t row) {
  if (column.is_nullable && column.nulls[row] != 0) return false;
  const std::string_view type =
      column.is_nullable ? column.type.substr(9, column.type.size() - 10) : column.type;  // Nullable(...)
  if (column.width == 0) {
    Reader reader(column.values);
    std::string_view text;
    for (std::size_t i = 0; i <= row; ++i) text = reader.text().value_or("");
    if (text.empty()) return false;
    if (column.is_nullable)
      out += text;  // dynamic: JSON already
    else
      json::append_quoted(out, text);
    return true;
  }
  if (type == "Bool")
    out += read_fixed<std::uint8_t>(column.values, row) != 0 ? "true" : "false";
  else if (type == "Int32")
    out += std::to_string(read_fixed<std::int32_t>(column.values, row));
  else if (type == "Int64")
    out += std::to_string(read_fixed<std::int64_t>(column.values, row));
  else if (type == "UUID")
    json::append_quoted(out, guid_text(column.values.substr(row * 16, 16)));
  else if (type == "Float64") {
    const double value = read_fixed<double>(column.values, row);
    if (std::isfinite(value))
      out += fmt::format("{}", value);
    else
      json::append_quoted(out, fmt::format("{}", value));
  } else {
    json::append_quoted(out, format_iso({read_fixed<std::int64_t>(column.values, row) + kUnixEpochTicks}));
  }
  return true;
}

}  // namespace

void append_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

std::size_t native_width(Kind kind) {
  switch (kind) {
    case Kind::kBool:
      return 1;
    case Kind::kInt:
      return 4;
    case Kind::kLong:
    case Kind::kReal:
    case Kind::kDateTime:
    case Kind::kTimespan:
      return 8;
    case Kind::kGuid:
      return 16;
    case Kind::kString:
    case Kind::kDecimal:
    case Kind::kDynamic:
      return 0;
  }
  return 0;
}

std::string_view native_type(Kind kind, Nullability nullability) {
  return table::engine_type(kind == Kind::kDecimal ? Kind::kDynamic : kind, nullability);
}

void append_block_header(std::string& out, std::size_t num_columns, std::size_t num_rows) {
  append_varint(out, num_columns);
  append_varint(out, num_rows);
}

void append_column_header(std::string& out, std::string_view name, std::string_view type) {
  append_varint(out, name.size());
  out += name;
  append_varint(out, type.size());
  out += type;
}

Result<NativeBlock> read_native_block(std::string_view bytes) {
  Reader reader(bytes);
  const auto num_columns = reader.varint();
  const auto num_rows = reader.varint();
  if (!num_columns || !num_rows) return broken("no header");
  if (*num_columns > bytes.size() || *num_rows > bytes.size()) return broken("counts beyond its size");
  NativeBlock block;
  block.num_rows = *num_rows;
  block.columns.reserve(*num_columns);
  for (std::uint64_t i = 0; i < *num_columns; ++i) {
    NativeColumn column;
    const auto name = reader.text();
    const auto type = name ? reader.text() : std::nullopt;
    if (!type) return broken("a column header ends early");
    const auto layout = layout_of(*type);
    if (!layout) return broken("unknown column type");
    column.name = *name;
    column.type = *type;
    column.is_nullable = layout->is_nullable;
    column.width = layout->width;
    if (column.is_nullable) {
      const auto nulls = reader.take(block.num_rows);
      if (!nulls) return broken("a column ends early");
      column.nulls = *nulls;
    }
    const auto values = column.width == 0 ? reader.texts(block.num_rows) : reader.take(block.num_rows * column.width);
    if (!values) return broken("a column ends early");
    column.values = *values;
    block.columns.push_back(column);
  }
  if (!reader.at_end()) return broken("bytes behind the block");
  return block;
}

bool has_same_columns(std::string_view left, std::string_view right) {
  const auto a = read_native_block(left);
  const auto b = read_native_block(right);
  return a && b &&
         std::equal(a->columns.begin(), a->columns.end(), b->columns.begin(), b->columns.end(),
                    [](const NativeColumn& x, const NativeColumn& y) { return x.name == y.name && x.type == y.type; });
}

Result<std::string> merge_native_blocks(std::span<const std::string_view> blocks) {
  struct Merged {
    NativeColumn head;
    std::vector<const NativeColumn*> parts;  // one a block, null where the block lacks the column
  };
  std::vector<NativeBlock> read;
  std::vector<Merged> columns;
  std::size_t num_rows = 0;
  std::size_t num_bytes = 0;
  read.reserve(blocks.size());
  for (const std::string_view bytes : blocks) {
    GARRISON_ASSIGN(NativeBlock block, read_native_block(bytes));
    num_rows += block.num_rows;
    num_bytes += bytes.size();
    read.push_back(std::move(block));
  }
  for (std::size_t i = 0; i < read.size(); ++i) {
    for (const NativeColumn& column : read[i].columns) {
      auto found =
          std::find_if(columns.begin(), columns.end(), [&](const Merged& m) { return m.head.name == column.name; });
      if (found == columns.end()) {
        columns.push_back({column, std::vector<const NativeColumn*>(read.size())});
        found = std::prev(columns.end());
      }
      if (found->head.type != column.type)
        return corrupt("INGEST-0002", fmt::format("column `{}` is {} in one batch of the ingest log and {} in another",
                                                  column.name, found->head.type, column.type));
      found->parts[i] = &column;
    }
  }
  std::string out;
  out.reserve(num_bytes + 64 * columns.size());
  append_block_header(out, columns.size(), num_rows);
  for (const Merged& column : columns) {
    append_column_header(out, column.head.name, column.head.type);
    if (column.head.is_nullable)
      for (std::size_t i = 0; i < read.size(); ++i)
        column.parts[i] ? out.append(column.parts[i]->nulls) : out.append(read[i].num_rows, '\1');
    const std::size_t missing_width = std::max<std::size_t>(column.head.width, 1);
    for (std::size_t i = 0; i < read.size(); ++i)
      column.parts[i] ? out.append(column.parts[i]->values) : out.append(read[i].num_rows * missing_width, '\0');
  }
  return out;
}

Result<std::string> slice_native_block(std::string_view bytes, std::size_t begin, std::size_t end) {
  GARRISON_ASSIGN(const NativeBlock block, read_native_block(bytes));
  GARRISON_CHECK(begin <= end && end <= block.num_rows);
  std::string out;
  append_block_header(out, block.columns.size(), end - begin);
  for (const NativeColumn& column : block.columns) {
    append_column_header(out, column.name, column.type);
    if (column.is_nullable) out += column.nulls.substr(begin, end - begin);
    if (column.width == 0) {
      const std::vector<std::size_t> offsets = text_offsets(column.values, block.num_rows);
      out += column.values.substr(offsets[begin], offsets[end] - offsets[begin]);
    } else {
      out += column.values.substr(begin * column.width, (end - begin) * column.width);
    }
  }
  return out;
}

void append_row_json(std::string& out, const NativeBlock& block, std::size_t row) {
  out += '{';
  const std::size_t start = out.size();
  for (const NativeColumn& column : block.columns) {
    const std::size_t mark = out.size();
    if (out.size() > start) out += ',';
    json::append_quoted(out, column.name);
    out += ':';
    if (!append_value_json(out, column, row)) out.resize(mark);
  }
  out += '}';
}

}  // namespace garrison::ingest

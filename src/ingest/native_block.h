// SPDX-License-Identifier: Apache-2.0
// Blocks in ClickHouse's Native layout, as the ingest log keeps them: read without copying, merged, cut and turned back
// into JSON. Only the column types that table::engine_type() names occur. Values; one thread at a time.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "table/kind.h"

namespace garrison::ingest {

// Appends a number as ClickHouse's VarUInt: seven bits a byte, least significant first.
void append_varint(std::string& out, std::uint64_t value);

// One column of a block. The views point into the block's bytes.
struct NativeColumn {
  std::string_view name;
  std::string_view type;  // as in the block: "Nullable(Int32)"
  bool is_nullable = false;
  std::size_t width = 0;   // bytes a value; 0: length and bytes
  std::string_view nulls;  // a byte a row, only when nullable
  std::string_view values;
};

struct NativeBlock {
  std::size_t num_rows = 0;
  std::vector<NativeColumn> columns;
};

// Reads the one block that the bytes hold. INGEST-0001 (kCorrupt) for anything else; never reads past the end.
Result<NativeBlock> read_native_block(std::string_view bytes);

// True when both blocks have the same columns in the same order, so that they can be sent one after the other.
bool has_same_columns(std::string_view left, std::string_view right);

// One block with the columns of all, each once; what a block lacks is null or ''. INGEST-0002 (kCorrupt) when a column
// has two types.
Result<std::string> merge_native_blocks(std::span<const std::string_view> blocks);

// The rows [begin, end) as a block of their own.
Result<std::string> slice_native_block(std::string_view bytes, std::size_t begin, std::size_t end);

// Appends the row as a JSON object without the columns that are null or ''.
void append_row_json(std::string& out, const NativeBlock& block, std::size_t row);

// Writes the header of a block, then of each column; values follow each column's header.
void append_block_header(std::string& out, std::size_t num_columns, std::size_t num_rows);
void append_column_header(std::string& out, std::string_view name, std::string_view type);

// Bytes of one value of a kind in a block; 0 for text.
std::size_t native_width(table::Kind kind);
// The column type that blocks use. A decimal travels as text; the engine converts it.
std::string_view native_type(table::Kind kind, table::Nullability nullability);

}  // namespace garrison::ingest

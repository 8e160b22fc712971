// SPDX-License-Identifier: Apache-2.0
// Packs and unpacks the payload of a log entry, as docs/formats/ingest-log.md has it. Stateless; any thread may call.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace garrison::ingest {

inline constexpr std::size_t kMaxPayloadBytes = 256 << 20;  // unpacked

struct PayloadHeader {
  std::string_view workspace;
  std::string_view table;
  std::int32_t day = 0;
  std::uint32_t num_rows = 0;
  bool operator==(const PayloadHeader&) const = default;
};

// INGEST-0022 (kBadInput) beyond the limit.
Result<std::string> pack_payload(const PayloadHeader& header, std::string_view native);
// Gives the block. INGEST-0023 (kCorrupt) when anything does not check out against `expected`.
Result<std::string> unpack_payload(const PayloadHeader& expected, std::string_view payload);

}  // namespace garrison::ingest

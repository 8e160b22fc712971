// SPDX-License-Identifier: Apache-2.0
#include "ingest/log_payload.h"

#include <fmt/core.h>
#include <lz4frame.h>

#include <memory>

#include "ingest/native_block.h"

namespace garrison::ingest {
namespace {

constexpr char kVersion = 1;

std::string header_bytes(const PayloadHeader& header) {
  std::string out(1, kVersion);
  append_varint(out, header.workspace.size());
  out += header.workspace;
  append_varint(out, header.table.size());
  out += header.table;
  append_varint(out, static_cast<std::uint32_t>(header.day));
  append_varint(out, header.num_rows);
  return out;
}

LZ4F_preferences_t preferences(std::size_t content_bytes) {
  LZ4F_preferences_t wanted{};
  wanted.frameInfo.blockSizeID = LZ4F_max256KB;
  wanted.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
  wanted.frameInfo.contentSize = content_bytes;
  return wanted;
}

Error damaged(std::string_view what) {
  return corrupt("INGEST-0023", fmt::format("an entry of the ingest log is damaged: {}", what));
}

struct FreeCompressor {
  void operator()(LZ4F_cctx* context) const { LZ4F_freeCompressionContext(context); }
};
struct FreeDecompressor {
  void operator()(LZ4F_dctx* context) const { LZ4F_freeDecompressionContext(context); }
};

}  // namespace

Result<std::string> pack_payload(const PayloadHeader& header, std::string_view native) {
  const std::string head = header_bytes(header);
  const std::size_t total = head.size() + native.size();
  if (total > kMaxPayloadBytes)
    return bad_input("INGEST-0022", "more than 256 MiB of rows at once for one table; send smaller pieces");
  const LZ4F_preferences_t wanted = preferences(total);
  LZ4F_cctx* raw = nullptr;
  if (LZ4F_isError(LZ4F_createCompressionContext(&raw, LZ4F_VERSION)))
    return exhausted("INGEST-0024", "no memory to pack rows");
  const std::unique_ptr<LZ4F_cctx, FreeCompressor> context(raw);
  std::string out(
      LZ4F_HEADER_SIZE_MAX + LZ4F_compressBound(head.size(), &wanted) + LZ4F_compressBound(native.size(), &wanted),
      '\0');
  std::size_t size = 0;
  const auto step = [&](std::size_t written) {
    if (LZ4F_isError(written)) return false;
    size += written;
    return true;
  };
  const bool done = step(LZ4F_compressBegin(context.get(), out.data(), out.size(), &wanted)) &&
                    step(LZ4F_compressUpdate(context.get(), out.data() + size, out.size() - size, head.data(),
                                             head.size(), nullptr)) &&
                    step(LZ4F_compressUpdate(context.get(), out.data() + size, out.size() - size, native.data(),
                                             native.size(), nullptr)) &&
                    step(LZ4F_compressEnd(context.get(), out.data() + size, out.size() - size, nullptr));
  if (!done) return bug("packing rows for the ingest log failed");
  out.resize(size);
  return out;
}

Result<std::string> unpack_payload(const PayloadHeader& expected, std::string_view payload) {
  LZ4F_dctx* raw = nullptr;
  if (LZ4F_isError(LZ4F_createDecompressionContext(&raw, LZ4F_VERSION)))
    return exhausted("INGEST-0024", "no memory to unpack rows");
  const std::unique_ptr<LZ4F_dctx, FreeDecompressor> context(raw);
  LZ4F_frameInfo_t info{};
  std::size_t consumed = payload.size();
  if (LZ4F_isError(LZ4F_getFrameInfo(context.get(), &info, payload.data(), &consumed))) return damaged("no LZ4 frame");
  if (info.contentSize == 0 || info.contentSize > kMaxPayloadBytes) return damaged("its size is out of range");
  std::string out(info.contentSize, '\0');
  std::size_t produced = 0;
  std::size_t hint = 1;
  while (hint != 0) {
    std::size_t in = payload.size() - consumed;
    std::size_t room = out.size() - produced;
    hint = LZ4F_decompress(context.get(), out.data() + produced, &room, payload.data() + consumed, &in, nullptr);
    if (LZ4F_isError(hint)) return damaged(LZ4F_getErrorName(hint));
    if (hint != 0 && in == 0 && room == 0) return damaged("it ends early");
    produced += room;
    consumed += in;
  }
  if (produced != out.size() || consumed != payload.size()) return damaged("its size is wrong");
  const std::string head = header_bytes(expected);
  if (!out.starts_with(head)) return damaged("it belongs elsewhere");
  out.erase(0, head.size());
  return out;
}

}  // namespace garrison::ingest

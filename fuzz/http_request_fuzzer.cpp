// SPDX-License-Identifier: Apache-2.0
// Header, target and body framing of HTTP requests, in the order in which a connection calls them. The payload must not
// depend on how the bytes are cut.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "net/body_decoder.h"
#include "net/request_head.h"

using namespace garrison::net;

static std::string payload(BodyDecoder decoder, std::string_view bytes, std::size_t piece) {
  std::string out;
  for (std::string_view rest = bytes; !rest.empty() && !decoder.is_done();) {
    const auto step = decoder.decode(rest.substr(0, piece), piece);
    if (!step.ok()) return "error";
    out.append(step->payload);
    rest.remove_prefix(step->num_consumed);
  }
  return decoder.is_done() ? out : "unfinished";
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto length = find_head_end(bytes, 0);
  if (!length) return 0;
  const auto head = parse_request_head(bytes.substr(0, *length), {});
  if (!head.ok()) return 0;
  const BodyDecoder decoder =
      head->is_chunked ? BodyDecoder::chunked(1000) : BodyDecoder::with_length(head->content_length.value_or(0));
  const std::string_view rest = bytes.substr(*length);
  if (payload(decoder, rest, 1 << 20) != payload(decoder, rest, 1)) std::abort();
  return 0;
}

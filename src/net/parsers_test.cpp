// SPDX-License-Identifier: Apache-2.0
// The pure parsers under the server: request head, body framing, targets, compression.
#include <gtest/gtest.h>

#include "net/body_decoder.h"
#include "net/compression.h"
#include "net/request_head.h"
#include "net/request_target.h"
#include "net/response_head.h"

namespace garrison::net {
namespace {

// Feeds the input in pieces of the size and collects the payload; "error CODE" when it fails.
std::string decode_all(BodyDecoder decoder, std::string_view input, std::size_t piece,
                       std::size_t max_payload = 1 << 20) {
  std::string out;
  std::string pending;
  while (true) {
    const auto step = decoder.decode(pending, max_payload);
    if (!step.ok()) return "error " + step.error().code;
    out.append(step->payload);
    pending.erase(0, step->num_consumed);
    if (step->num_consumed > 0) continue;
    if (input.empty() || decoder.is_done()) break;
    pending.append(input.substr(0, piece));
    input.remove_prefix(std::min(piece, input.size()));
  }
  return decoder.is_done() ? out + "|" + pending : out + " unfinished";
}

TEST(BodyDecoder, DecodesTheSameInPiecesOfAnySize) {
  const std::string body = "4;a=b\r\nWiki\r\n5 \r\npedia\r\n0E\r\n in\r\n\r\nchunks.\r\n0\r\nA: b\r\nC: d\r\n\r\nNEXT";
  for (std::size_t piece = 1; piece <= body.size(); ++piece) {
    const std::string got = decode_all(BodyDecoder::chunked(1000), body, piece);
    EXPECT_EQ(got.substr(0, 23), "Wikipedia in\r\n\r\nchunks.") << piece;
    EXPECT_EQ(decode_all(BodyDecoder::chunked(1000), body, piece, 3).substr(0, 24), "Wikipedia in\r\n\r\nchunks.|");
  }
  EXPECT_EQ(decode_all(BodyDecoder::with_length(5), "helloNEXT", 100), "hello|NEXT");
  EXPECT_EQ(decode_all(BodyDecoder::with_length(5), "hel", 1), "hel unfinished");
  EXPECT_TRUE(BodyDecoder::with_length(0).is_done());
  EXPECT_TRUE(BodyDecoder().is_done());
}

TEST(BodyDecoder, HoldsItsLimits) {
  EXPECT_EQ(decode_all(BodyDecoder::chunked(4), "4\r\nabcd\r\n0\r\n\r\n", 100), "abcd|");
  EXPECT_EQ(decode_all(BodyDecoder::chunked(4), "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 100), "error NET-0103");
  EXPECT_EQ(decode_all(BodyDecoder::chunked(4), "FFFFFFFFFFFFFFF\r\n", 100), "error NET-0103");
  EXPECT_EQ(decode_all(BodyDecoder::chunked(4), "0000000000000001\r\n", 100), "error NET-0101");
  EXPECT_EQ(decode_all(BodyDecoder::chunked(4), "1;" + std::string(2000, 'x'), 100), "error NET-0101");
  EXPECT_EQ(decode_all(BodyDecoder::chunked(4), "0\r\nA: " + std::string(9000, 'x'), 100), "error NET-0101");
  std::string trailers = "0\r\n";
  for (int i = 0; i < 3000; ++i) trailers += "A:b\r\n";
  EXPECT_EQ(decode_all(BodyDecoder::chunked(4), trailers, 100), "error NET-0101");
}

TEST(BodyDecoder, SkipsWhatWasReadElsewhere) {
  BodyDecoder decoder = BodyDecoder::chunked(1000);
  ASSERT_TRUE(decoder.decode("A\r\n", 100).ok());
  EXPECT_EQ(decoder.payload_ahead(), 10u);
  decoder.skip_payload(4);
  EXPECT_EQ(decoder.payload_ahead(), 6u);
  decoder.skip_payload(6);
  EXPECT_EQ(decoder.payload_ahead(), 0u);
  EXPECT_EQ(decode_all(decoder, "\r\n0\r\n\r\n", 1), "|");
}

TEST(RequestHead, FindsItsEnd) {
  EXPECT_FALSE(find_head_end("GET / HTTP/1.1\r\n\r", 0));
  EXPECT_EQ(find_head_end("a\r\n\r\nb", 0), 5u);
  EXPECT_EQ(find_head_end("a\r\n\r\nb", 4), 5u) << "the mark may straddle what was searched before";
}

TEST(RequestHead, ReadsWhatItNeeds) {
  const auto parsed = parse_request_head(
      "PUT /a%2Fb?x=1&x=2&y HTTP/1.1\r\nHost: h\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 7\r\nExpect: "
      "100-Continue\r\nConnection: close\r\n\r\n",
      {});
  ASSERT_TRUE(parsed.ok()) << parsed.error().to_string();
  EXPECT_EQ(parsed->head.path, "/a/b");
  EXPECT_EQ(parsed->head.query.all("x").size(), 2u);
  EXPECT_EQ(parsed->head.query.find("y"), "");
  EXPECT_FALSE(parsed->head.query.find("z"));
  EXPECT_EQ(parsed->head.headers.find("x-A"), "1");
  EXPECT_EQ(parsed->head.headers.all("X-A").size(), 2u);
  EXPECT_EQ(parsed->content_length, 7u);
  EXPECT_TRUE(parsed->expects_continue);
  EXPECT_FALSE(parsed->is_keep_alive);
}

TEST(Percent, RoundTrips) {
  std::string all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
  EXPECT_EQ(percent_decode(percent_encode(all)), all);
  EXPECT_EQ(percent_encode("a b/\xc3\xa9"), "a%20b%2F%C3%A9");
  for (const char* text : {"%", "%1", "%1g", "%g1", "a%"}) EXPECT_FALSE(percent_decode(text)) << text;
}

TEST(Headers, TokensInLists) {
  Headers headers;
  headers.add("Accept-Encoding", "gzip , br");
  headers.add("accept-encoding", "ZSTD");
  EXPECT_TRUE(headers.has_token("ACCEPT-ENCODING", "zstd"));
  EXPECT_TRUE(headers.has_token("Accept-Encoding", "br"));
  EXPECT_FALSE(headers.has_token("Accept-Encoding", "b"));
  headers.set("accept-Encoding", "x");
  EXPECT_EQ(headers.fields().size(), 1u);
}

TEST(ResponseHead, PrintsTheDate) {
  EXPECT_EQ(format_http_date(*parse_iso("1994-11-06T08:49:37Z")), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(format_http_date(*parse_iso("2024-02-29T00:00:00Z")), "Thu, 29 Feb 2024 00:00:00 GMT");
}

std::string some_text(std::size_t num_bytes) {
  std::string out;
  while (out.size() < num_bytes) out += "line " + std::to_string(out.size() * 7919 % 10007) + "\n";
  return out;
}

Result<std::string> unpack(Encoding encoding, std::string_view bytes, std::size_t piece, DecompressLimits limits = {}) {
  const auto decompressor = Decompressor::create(encoding, limits);
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    GARRISON_TRY(decompressor->write(bytes.substr(at, piece), [&](std::string_view part) -> Result<void> {
      out.append(part);
      return {};
    }));
  }
  GARRISON_TRY(decompressor->finish());
  return out;
}

TEST(Compression, RoundTripsInPieces) {
  const std::string text = some_text(600'000);
  for (const Encoding encoding : {Encoding::kIdentity, Encoding::kGzip, Encoding::kDeflate, Encoding::kZstd}) {
    const std::string packed = compress(encoding, text);
    for (const std::size_t piece : {std::size_t{1000}, packed.size()}) {
      const auto got = unpack(encoding, packed, piece);
      ASSERT_TRUE(got.ok()) << got.error().to_string();
      EXPECT_TRUE(*got == text);
    }
    const std::string small = compress(encoding, "tiny");
    EXPECT_EQ(*unpack(encoding, small, 1), "tiny");
    if (encoding == Encoding::kIdentity) continue;
    EXPECT_EQ(unpack(encoding, packed.substr(0, packed.size() / 2), 5000).error().code, "NET-0120") << "truncated";
    EXPECT_EQ(unpack(encoding, "", 1).error().code, "NET-0120") << "empty";
    EXPECT_EQ(unpack(encoding, packed + "garbage!", 5000).error().code, "NET-0120") << "bytes behind the end";
  }
}

TEST(Compression, TakesSeveralMembersAndRawDeflate) {
  EXPECT_EQ(*unpack(Encoding::kGzip, compress(Encoding::kGzip, "one") + compress(Encoding::kGzip, "two"), 7), "onetwo");
  EXPECT_EQ(*unpack(Encoding::kZstd, compress(Encoding::kZstd, "one") + compress(Encoding::kZstd, "two"), 7), "onetwo");
  const std::string zlib = compress(Encoding::kDeflate, "some text");
  EXPECT_EQ(*unpack(Encoding::kDeflate, zlib.substr(2, zlib.size() - 6), 100), "some text");
}

TEST(Compression, StopsBombs) {
  const std::string zeros(4 << 20, '\0');
  for (const Encoding encoding : {Encoding::kGzip, Encoding::kDeflate, Encoding::kZstd}) {
    const std::string bomb = compress(encoding, zeros);
    std::size_t num_handed_out = 0;
    const auto decompressor = Decompressor::create(encoding);
    const auto outcome = decompressor->write(bomb, [&](std::string_view part) -> Result<void> {
      num_handed_out += part.size();
      return {};
    });
    ASSERT_FALSE(outcome.ok());
    EXPECT_EQ(outcome.error().code, "NET-0121");
    EXPECT_EQ(response_status(outcome.error()), 413);
    EXPECT_LE(num_handed_out, 2u << 20);
    EXPECT_EQ(unpack(encoding, bomb, 1000, {1 << 20, 100'000}).error().code, "NET-0121") << "size alone";
    EXPECT_TRUE(unpack(encoding, bomb, 1000, {4 << 20, 100'000}).ok());
  }
}

TEST(Compression, ReadsContentEncoding) {
  EXPECT_EQ(*parse_encoding(" GZIP"), Encoding::kGzip);
  EXPECT_EQ(*parse_encoding(""), Encoding::kIdentity);
  EXPECT_EQ(response_status(parse_encoding("gzip, gzip").error()), 415);
  Request request;
  request.headers.add("Content-Encoding", "gzip");
  request.headers.add("Content-Encoding", "gzip");
  EXPECT_EQ(decompress_body(request).error().code, "NET-0122");
}

}  // namespace
}  // namespace garrison::net

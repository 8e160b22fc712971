// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "kql/scalar/all.h"
#include "kql/scalar/entry.h"

namespace garrison::kql {
namespace {

Result<Scalar> lower_base64_encode(LoweringContext&, Arguments a) {
  return computed(Kind::kString, fmt::format("base64Encode({})", a[0].sql));
}

std::string decoded(const Scalar& text) {
  return fmt::format("tryBase64Decode({})", text.sql);
}

// Bytes that are no text give nothing.
Result<Scalar> lower_base64_decode(LoweringContext& context, Arguments a) {
  const std::string bytes = context.bind(decoded(a[0]));
  return computed(Kind::kString, fmt::format("if(isValidUTF8({0}), {0}, '')", bytes));
}

std::string byte_array(const std::string& bytes, const std::string& index) {
  return fmt::format(
      "concat('[', arrayStringConcat(arrayMap({0} -> toString(reinterpretAsUInt8(substring({1}, {0}, 1))), range(1, "
      "length({1}) + 1)), ','), ']')",
      index, bytes);
}

Result<Scalar> lower_base64_to_array(LoweringContext& context, Arguments a) {
  const std::string bytes = context.bind(decoded(a[0]));
  return computed(Kind::kDynamic, fmt::format("if(empty({0}) and notEmpty({1}), NULL, {2})", bytes, a[0].sql,
                                              byte_array(bytes, context.fresh_name("i"))));
}

Result<Scalar> lower_base64_to_guid(LoweringContext& context, Arguments a) {
  // The first three groups of a guid are stored with their lowest byte first.
  const std::string hex = context.bind(fmt::format("hex({})", decoded(a[0])));
  const auto pair = [&](int at) { return fmt::format("substring({}, {}, 2)", hex, at * 2 + 1); };
  std::string sql = "concat(";
  for (const int at : {3, 2, 1, 0}) sql += pair(at) + ", ";
  sql += "'-', " + pair(5) + ", " + pair(4) + ", '-', " + pair(7) + ", " + pair(6);
  sql += fmt::format(", '-', substring({0}, 17, 4), '-', substring({0}, 21, 12))", hex);
  return computed(Kind::kGuid, fmt::format("if(length({}) = 32, toUUIDOrNull({}), NULL)", hex, sql));
}

Result<Scalar> lower_guid_to_base64(LoweringContext& context, Arguments a) {
  const std::string hex = context.bind(fmt::format("replaceAll(toString({}), '-', '')", a[0].sql));
  const auto pair = [&](int at) { return fmt::format("substring({}, {}, 2)", hex, at * 2 + 1); };
  std::string sql = "concat(";
  for (const int at : {3, 2, 1, 0, 5, 4, 7, 6}) sql += pair(at) + ", ";
  sql += fmt::format("substring({}, 17, 16))", hex);
  return computed(Kind::kString, fmt::format("ifNull(base64Encode(unhex({})), '')", sql));
}

Result<Scalar> lower_array_to_base64(LoweringContext& context, Arguments a) {
  const std::string name = context.fresh_name("b");
  return computed(
      Kind::kString,
      fmt::format(
          "base64Encode(arrayStringConcat(arrayMap({} -> char({}), JSONExtract(ifNull({}, ''), 'Array(UInt8)'))))",
          name, name, a[0].sql));
}

// The engine writes escapes in upper case, KQL in lower case.
std::string lower_escapes(LoweringContext& context, const std::string& encoded) {
  const std::string name = context.fresh_name("p");
  const std::string parts = fmt::format("splitByChar('%', {})", encoded);
  return fmt::format(
      "arrayStringConcat(arrayMap(({0}, i) -> if(i = 1, {0}, concat(lower(substring({0}, 1, 2)), substring({0}, 3))), "
      "{1}, arrayEnumerate({1})), '%')",
      name, context.bind(parts));
}

}  // namespace

const std::vector<Function>& encoding_functions() {
  static const std::vector<Function> kEntries = [] {
    const Function encode =
        function_entry("base64_encode_tostring(text: string): string", "Encodes a text in base 64.",
                       {"print base64_encode_tostring('Kusto')", "[[\"S3VzdG8=\"]]"}, lower_base64_encode);
    const Function decode = function_entry(
        "base64_decode_tostring(text: string): string", "Decodes base 64; bytes that are no text give the empty text.",
        {"print base64_decode_tostring('S3VzdG8=')", "[[\"Kusto\"]]"}, lower_base64_decode);
    return std::vector<Function>{
        function_entry("base64_decode_toarray(text: string): dynamic", "Decodes base 64 to an array of bytes.",
                       {"print base64_decode_toarray('S3E=')", "[[[75, 113]]]"}, lower_base64_to_array),
        function_entry(
            "base64_decode_toguid(text: string): guid", "Decodes base 64 to a guid.",
            {"print base64_decode_toguid('AQIDBAUGBwgJCgsMDQ4PEA==')", "[[\"04030201-0605-0807-090a-0b0c0d0e0f10\"]]"},
            lower_base64_to_guid),
        decode,
        spelled(decode, "base64_decodestring", "Old spelling of base64_decode_tostring()."),
        function_entry("base64_encode_fromarray(bytes: dynamic): string", "Encodes an array of bytes in base 64.",
                       {"print base64_encode_fromarray(dynamic([75, 113]))", "[[\"S3E=\"]]"}, lower_array_to_base64),
        function_entry("base64_encode_fromguid(value: guid): string", "Encodes a guid in base 64.",
                       {"print base64_encode_fromguid(guid(04030201-0605-0807-090a-0b0c0d0e0f10))",
                        "[[\"AQIDBAUGBwgJCgsMDQ4PEA==\"]]"},
                       lower_guid_to_base64),
        encode,
        spelled(encode, "base64_encodestring", "Old spelling of base64_encode_tostring()."),
        function_entry("url_decode(text: string): string", "Decodes the escapes of a URL.",
                       {"print url_decode('a%20b')", "[[\"a b\"]]"},
                       [](LoweringContext&, Arguments a) -> Result<Scalar> {
                         return computed(Kind::kString, fmt::format("decodeURLFormComponent({})", a[0].sql));
                       }),
        function_entry("url_encode(text: string): string", "Escapes a text for a URL, a blank as plus.",
                       {"print url_encode('a b/c')", "[[\"a+b%2fc\"]]"},
                       [](LoweringContext& c, Arguments a) -> Result<Scalar> {
                         return computed(Kind::kString,
                                         lower_escapes(c, fmt::format("encodeURLFormComponent({})", a[0].sql)));
                       }),
        function_entry("url_encode_component(text: string): string", "Escapes a text for a part of a URL.",
                       {"print url_encode_component('a b/c')", "[[\"a%20b%2fc\"]]"},
                       [](LoweringContext& c, Arguments a) -> Result<Scalar> {
                         return computed(Kind::kString,
                                         lower_escapes(c, fmt::format("encodeURLComponent({})", a[0].sql)));
                       }),
    };
  }();
  return kEntries;
}

}  // namespace garrison::kql

// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "kql/scalar/all.h"
#include "kql/scalar/entry.h"

namespace garrison::kql {
namespace {

// What the engine hashes: texts as they are, times as their ticks, other numbers as eight bytes.
Result<std::string> hashed_sql(LoweringContext& context, const Scalar& value) {
  switch (value.kind) {
    case Kind::kString:
      return value.sql;
    case Kind::kDateTime:
    case Kind::kTimespan:
    case Kind::kInt:
    case Kind::kLong:
    case Kind::kBool:
      return int64_sql(value);
    case Kind::kReal:
      return value.sql;
    default: {
      GARRISON_ASSIGN(Scalar text, cast_to(context, value, Kind::kString));
      return text.sql;
    }
  }
}

Result<Scalar> lower_hash(LoweringContext& context, Arguments a) {
  GARRISON_ASSIGN(std::string value, hashed_sql(context, a[0]));
  const std::string hash = fmt::format("xxHash64({})", value);
  if (a.size() == 1) return computed(Kind::kLong, fmt::format("reinterpretAsInt64({})", hash));
  return computed(Kind::kLong, fmt::format("toInt64({} % toUInt64(greatest(1, {})))", hash, int64_sql(a[1])));
}

Result<Scalar> digest(LoweringContext& context, Arguments a, std::string_view function) {
  GARRISON_ASSIGN(Scalar text, cast_to(context, a[0], Kind::kString));
  return computed(Kind::kString, fmt::format("lower(hex({}({})))", function, text.sql));
}

}  // namespace

const std::vector<Function>& hash_functions() {
  static const std::vector<Function> kEntries = [] {
    const Function hash = function_entry("hash(value: scalar, modulo: long?): long",
                                         "xxHash64 of a value, or its rest by the second argument.",
                                         {"print hash('World')", "[[1846988464401551951]]"}, lower_hash);
    return std::vector<Function>{
        hash,
        function_entry("hash_md5(value: scalar): string", "MD5 of a value in hexadecimal digits.",
                       {"print hash_md5('World')", "[[\"f5a7924e621e84c9280a9a27e1bcb7f6\"]]"},
                       [](LoweringContext& c, Arguments a) { return digest(c, a, "MD5"); }),
        function_entry("hash_sha1(value: scalar): string", "SHA-1 of a value in hexadecimal digits.",
                       {"print hash_sha1('World')", "[[\"70c07ec18ef89c5309bbb0937f3a6342411e1fdd\"]]"},
                       [](LoweringContext& c, Arguments a) { return digest(c, a, "SHA1"); }),
        function_entry(
            "hash_sha256(value: scalar): string", "SHA-256 of a value in hexadecimal digits.",
            {"print hash_sha256('World')", "[[\"78ae647dc5544d227130a0682a51e30bc7777fbb6d8a8f17007463a3ecd1d524\"]]"},
            [](LoweringContext& c, Arguments a) { return digest(c, a, "SHA256"); }),
        spelled(hash, "hash_xxhash64", "xxHash64 of a value, or its rest by the second argument."),
    };
  }();
  return kEntries;
}

}  // namespace garrison::kql

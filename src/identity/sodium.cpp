// SPDX-License-Identifier: Apache-2.0
#include "identity/sodium.h"

#include <sodium.h>

#include <array>

#include "base/error.h"
#include "base/text.h"

namespace garrison::identity {

void start_sodium() {
  static const int code = sodium_init();
  GARRISON_CHECK(code >= 0);
}

std::string sha256(std::string_view bytes) {
  start_sodium();
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest;
  crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  return text::hex(digest);
}

Secret make_opaque(Random& random, std::string_view prefix) {
  std::string bytes = random.bytes(32);
  Secret made(std::string(prefix) + text::base64url(bytes));
  sodium_memzero(bytes.data(), bytes.size());
  return made;
}

}  // namespace garrison::identity

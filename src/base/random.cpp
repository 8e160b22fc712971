// SPDX-License-Identifier: Apache-2.0
#include "base/random.h"

#include <sys/random.h>

#include <array>
#include <cerrno>

#include "base/error.h"
#include "base/text.h"

namespace garrison {

std::uint64_t Random::next() {
  std::array<unsigned char, 8> raw;
  fill(raw);
  std::uint64_t value = 0;
  for (const unsigned char byte : raw) value = value << 8 | byte;
  return value;
}

std::uint64_t Random::below(std::uint64_t bound) {
  if (bound == 0) return 0;
  // Values under the threshold would make small results likelier; draw again.
  const std::uint64_t threshold = (0 - bound) % bound;
  for (;;) {
    const std::uint64_t value = next();
    if (value >= threshold) return value % bound;
  }
}

std::string Random::bytes(std::size_t count) {
  std::string out(count, '\0');
  fill({reinterpret_cast<unsigned char*>(out.data()), out.size()});
  return out;
}

std::string Random::guid() {
  std::array<unsigned char, 16> raw;
  fill(raw);
  raw[6] = (raw[6] & 0x0F) | 0x40;
  raw[8] = (raw[8] & 0x3F) | 0x80;
  std::string out = text::hex(raw);
  for (const std::size_t at : {20, 16, 12, 8}) out.insert(at, 1, '-');
  return out;
}

void SystemRandom::fill(std::span<unsigned char> bytes) {
  while (!bytes.empty()) {
    const ssize_t got = getrandom(bytes.data(), bytes.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    GARRISON_CHECK(got > 0);
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
}

void SeededRandom::fill(std::span<unsigned char> bytes) {
  const std::lock_guard lock(mutex_);
  std::uint64_t word = 0;
  int left = 0;
  for (unsigned char& byte : bytes) {
    if (left == 0) {
      word = engine_();
      left = 8;
    }
    byte = static_cast<unsigned char>(word);
    word >>= 8;
    --left;
  }
}

}  // namespace garrison

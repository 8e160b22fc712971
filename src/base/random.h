// SPDX-License-Identifier: Apache-2.0
// Random numbers are passed in. SystemRandom is fit for secrets; SeededRandom repeats itself and is for tests and the
// demo only. Safe to call from any thread.
#pragma once

#include <cstdint>
#include <mutex>
#include <random>
#include <span>
#include <string>

namespace garrison {

class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<unsigned char> bytes) = 0;
  std::uint64_t next();
  // Uniform in [0, bound); bound 0 gives 0.
  std::uint64_t below(std::uint64_t bound);
  std::string bytes(std::size_t count);
  // RFC 9562 version 4 in lower case.
  std::string guid();
};

class SystemRandom final : public Random {
 public:
  void fill(std::span<unsigned char> bytes) override;
};

class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
  void fill(std::span<unsigned char> bytes) override;

 private:
  std::mutex mutex_;
  std::mt19937_64 engine_;
};

}  // namespace garrison

// SPDX-License-Identifier: Apache-2.0
// A value that must not be printed: no formatter, no stream operator, no implicit conversion; wiped when destroyed.
// Callers that truly need the text call reveal(), which a reviewer can search for.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace garrison {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : value_(std::exchange(other.value_, {})) {}
  Secret& operator=(const Secret&) = default;
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  std::string_view reveal() const { return value_; }
  bool empty() const { return value_.empty(); }
  // Compares in constant time.
  bool equals(std::string_view other) const;

 private:
  std::string value_;
};

}  // namespace garrison

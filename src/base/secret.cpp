// SPDX-License-Identifier: Apache-2.0
#include "base/secret.h"

#include <string.h>

namespace garrison {

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    explicit_bzero(value_.data(), value_.size());
    value_ = std::exchange(other.value_, {});
  }
  return *this;
}

Secret::~Secret() { explicit_bzero(value_.data(), value_.size()); }

bool Secret::equals(std::string_view other) const {
  unsigned char difference = value_.size() == other.size() ? 0 : 1;
  for (std::size_t i = 0; i < other.size(); ++i) {
    const unsigned char mine = value_.empty() ? 0 : static_cast<unsigned char>(value_[i % value_.size()]);
    difference |= mine ^ static_cast<unsigned char>(other[i]);
  }
  return difference == 0;
}

}  // namespace garrison

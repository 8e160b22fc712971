// SPDX-License-Identifier: Apache-2.0
// The few cryptographic functions the library shares, over libsodium. Internal to the library; any thread may call.
#pragma once

#include <string>
#include <string_view>

#include "base/random.h"
#include "base/secret.h"

namespace garrison::identity {

// Must come before any other call of libsodium; cheap when repeated.
void start_sodium();
// Hex SHA-256.
std::string sha256(std::string_view bytes);
// 256 random bits as base64url behind a prefix.
Secret make_opaque(Random& random, std::string_view prefix);

}  // namespace garrison::identity

// SPDX-License-Identifier: Apache-2.0
#include "identity/password.h"

#include <sodium.h>

#include <array>
#include <memory>
#include <set>

#include "base/text.h"
#include "identity/sodium.h"

namespace garrison::identity {
namespace {

constexpr std::size_t kMinCharacters = 12;
constexpr std::size_t kMaxBytes = 1'024;
constexpr std::string_view kAlphabet = "abcdefghijkmnpqrstuvwxyzACDEFGHJKLMNPQRTUVWXYZ234679";

}  // namespace

// Holds one of the places in which hashing may use its memory.
class PasswordHasher::Slot {
 public:
  static Result<std::unique_ptr<Slot>> take(PasswordHasher& hasher) {
    const Lock lock(hasher.mutex_);
    if (hasher.num_waiting_ >= hasher.cost_.max_waiting) {
      return exhausted("AUTH-0030", "too many sign-ins at once; try again in a few seconds");
    }
    ++hasher.num_waiting_;
    while (hasher.num_running_ >= hasher.cost_.max_at_once) hasher.freed_.wait(hasher.mutex_);
    --hasher.num_waiting_;
    ++hasher.num_running_;
    ++hasher.num_hashings_;
    return std::unique_ptr<Slot>(new Slot(hasher));
  }
  ~Slot() {
    const Lock lock(hasher_.mutex_);
    --hasher_.num_running_;
    hasher_.freed_.notify_one();
  }
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;

 private:
  explicit Slot(PasswordHasher& hasher) : hasher_(hasher) {}
  PasswordHasher& hasher_;
};

PasswordHasher::PasswordHasher(PasswordCost cost) : cost_(cost) {
  start_sodium();
  const auto made = hash(Secret("a password that nobody has"));
  GARRISON_CHECK(made.ok());
  nobody_ = *made;
}

Result<std::string> PasswordHasher::hash(const Secret& password) {
  GARRISON_ASSIGN(const auto slot, Slot::take(*this));
  std::array<char, crypto_pwhash_STRBYTES> out{};
  const std::string_view text = password.reveal();
  if (crypto_pwhash_str(out.data(), text.data(), text.size(), cost_.passes, cost_.memory_bytes) != 0) {
    return exhausted("AUTH-0030", "not enough memory to hash a password");
  }
  return std::string(out.data());
}

Result<bool> PasswordHasher::verify(const std::string& hash, const Secret& password) {
  GARRISON_ASSIGN(const auto slot, Slot::take(*this));
  const std::string_view text = password.reveal();
  return crypto_pwhash_str_verify(hash.c_str(), text.data(), text.size()) == 0;
}

Result<void> PasswordHasher::verify_nobody(const Secret& password) {
  GARRISON_TRY(verify(nobody_, password));
  return {};
}

bool PasswordHasher::needs_rehash(const std::string& hash) const {
  return crypto_pwhash_str_needs_rehash(hash.c_str(), cost_.passes, cost_.memory_bytes) != 0;
}

std::uint64_t PasswordHasher::num_hashings() const {
  const Lock lock(mutex_);
  return num_hashings_;
}

Result<void> check_password_policy(const Secret& password, std::string_view user_name) {
  const std::string_view text = password.reveal();
  if (!text::is_valid_utf8(text)) return bad_input("AUTH-0031", "the password is not valid UTF-8");
  if (text.size() > kMaxBytes) return bad_input("AUTH-0031", "the password is longer than 1,024 bytes");
  if (text::num_characters(text) < kMinCharacters) {
    return bad_input("AUTH-0031", "the password needs at least 12 characters");
  }
  if (std::set<char>(text.begin(), text.end()).size() <= 2) {
    return bad_input("AUTH-0031", "the password repeats one or two characters");
  }
  if (!user_name.empty() && text::ascii_lower(text).find(text::ascii_lower(user_name)) != std::string::npos) {
    return bad_input("AUTH-0031", "the password contains the user's name");
  }
  return {};
}

Secret make_password(Random& random) {
  std::string out;
  out.reserve(24);
  for (int i = 0; i < 24; ++i) out += kAlphabet[random.below(kAlphabet.size())];
  return Secret(std::move(out));
}

}  // namespace garrison::identity

// SPDX-License-Identifier: Apache-2.0
// Sign-in with name and password, and the sessions it gives: an opaque 256-bit value for the cookie, stored as its hash
// on the server, that ends by idling, by age, at sign-out, and with every change of the account's password, roles or
// state. Any thread may call.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "base/secret.h"
#include "identity/audit.h"
#include "identity/login_guard.h"
#include "identity/password.h"
#include "identity/principal.h"
#include "state/store.h"

namespace garrison::identity {

struct SessionOptions {
  Timespan idle{kTicksPerHour};
  Timespan absolute{12 * kTicksPerHour};
  std::size_t max_per_user = 20;  // the oldest ends when one more begins
};

struct SignIn {
  std::string name;
  Secret password;
  std::string address;     // of the client
  std::string user_agent;  // kept, shortened, so that a user recognises the session
};

struct SignedIn {
  Secret session;  // the cookie's value, shown once
  Principal principal;  // says whether the password must be changed first
  DateTime expires;  // absolute end
};

struct SessionInfo {
  std::string id;  // public, not the secret
  DateTime created;
  DateTime last_used;
  std::string address;
  std::string user_agent;
};

class Sessions {
 public:
  Sessions(state::Store& store, AuditLog& audit, PasswordHasher& hasher, LoginGuard& guard, const Clock& clock,
           Random& random, SessionOptions options = {});

  // AUTH-0003 (kDenied) for a wrong name or password, without saying which and in the same time; AUTH-0004 (kExhausted)
  // while the account or the address has to wait.
  Result<SignedIn> sign_in(const SignIn& request);
  // Who holds the session now, with the rights of now. AUTH-0002 (kDenied) when it is unknown, ended or expired.
  Result<Principal> authenticate(const Secret& session);
  // Unknown sessions are no error.
  Result<void> sign_out(const Secret& session);

  Result<std::vector<SessionInfo>> list(const UserId& user);
  Result<void> revoke(const Principal& by, const UserId& user, std::string_view session_id);
  // Deletes what has expired; gives the number.
  Result<std::int64_t> delete_expired();

 private:
  state::Store& store_;
  AuditLog& audit_;
  PasswordHasher& hasher_;
  LoginGuard& guard_;
  const Clock& clock_;
  Random& random_;
  SessionOptions options_;
};

}  // namespace garrison::identity

// SPDX-License-Identifier: Apache-2.0
// The parts of this library wired together over one store, in the order they need each other. Owned by the server (and by
// tests); the parts may be used from any thread.
#pragma once

#include <memory>

#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "identity/audit.h"
#include "identity/login_guard.h"
#include "identity/password.h"
#include "identity/sessions.h"
#include "identity/tokens.h"
#include "identity/users.h"
#include "state/outbox.h"
#include "state/store.h"

namespace garrison::identity {

struct IdentityOptions {
  PasswordCost password_cost;
  LoginGuardOptions login_guard;
  SessionOptions sessions;
};

struct Identity {
  // Also reads back the failed sign-ins that earlier processes recorded.
  static Result<std::unique_ptr<Identity>> open(state::Store& store, state::Outbox& outbox, const Clock& clock,
                                                Random& random, const IdentityOptions& options = {});

  AuditLog audit;
  PasswordHasher hasher;
  LoginGuard guard;
  Users users;
  Sessions sessions;
  Tokens tokens;

 private:
  Identity(state::Store& store, state::Outbox& outbox, const Clock& clock, Random& random,
           const IdentityOptions& options);
};

}  // namespace garrison::identity

// SPDX-License-Identifier: Apache-2.0
#include "identity/identity.h"

namespace garrison::identity {

Identity::Identity(state::Store& store, state::Outbox& outbox, const Clock& clock, Random& random,
                   const IdentityOptions& options)
    : audit(store, outbox, clock),
      hasher(options.password_cost),
      guard(store, clock, options.login_guard),
      users(store, audit, hasher, clock, random),
      sessions(store, audit, hasher, guard, clock, random, options.sessions),
      tokens(store, audit, clock, random) {}

Result<std::unique_ptr<Identity>> Identity::open(state::Store& store, state::Outbox& outbox, const Clock& clock,
                                                 Random& random, const IdentityOptions& options) {
  std::unique_ptr<Identity> identity(new Identity(store, outbox, clock, random, options));
  GARRISON_TRY(identity->guard.load());
  return identity;
}

}  // namespace garrison::identity

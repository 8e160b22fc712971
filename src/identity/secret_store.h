// SPDX-License-Identifier: Apache-2.0
// Credentials that connectors need, sealed with a key that is kept outside the database (a file of mode 0600). People
// can set, list and remove them, never read them back; code reveals one when it uses it. Each value is bound to its
// workspace and name: a row copied elsewhere does not open. Any thread may call.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/disk.h"
#include "base/error.h"
#include "base/ids.h"
#include "base/random.h"
#include "base/secret.h"
#include "identity/audit.h"
#include "identity/principal.h"
#include "state/store.h"

namespace garrison::identity {

struct SecretInfo {
  std::string name;
  DateTime changed;
  std::string changed_by;
};

class SecretStore {
 public:
  // Reads the key file, or makes it when neither it nor any secret exists. AUTH-0050 (kCorrupt) for a damaged key file,
  // AUTH-0051 (kNotFound) when secrets exist but the key does not.
  static Result<std::unique_ptr<SecretStore>> open(Disk& disk, const std::string& key_path, state::Store& store,
                                                   AuditLog& audit, const Clock& clock, Random& random);

  // At most 64 KiB; names are 1 to 100 characters of [A-Za-z0-9._-] (AUTH-0052).
  Result<void> set(const Principal& by, const WorkspaceId& workspace, std::string_view name, const Secret& value);
  Result<void> remove(const Principal& by, const WorkspaceId& workspace, std::string_view name);
  Result<std::vector<SecretInfo>> list(const WorkspaceId& workspace);
  // For code that is about to use it. AUTH-0053 (kNotFound), AUTH-0054 (kCorrupt) when it does not open.
  Result<Secret> reveal(const WorkspaceId& workspace, std::string_view name);

 private:
  SecretStore(Secret key, state::Store& store, AuditLog& audit, const Clock& clock, Random& random);

  Secret key_;
  state::Store& store_;
  AuditLog& audit_;
  const Clock& clock_;
  Random& random_;
};

}  // namespace garrison::identity

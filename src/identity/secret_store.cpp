// SPDX-License-Identifier: Apache-2.0
#include "identity/secret_store.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <filesystem>

#include "identity/sodium.h"

namespace garrison::identity {
namespace {

constexpr std::size_t kKeyBytes = crypto_aead_xchacha20poly1305_ietf_KEYBYTES;
constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kMaxSecretBytes = 64 << 10;

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

Result<void> check_name(std::string_view name) {
  const bool fits = !name.empty() && name.size() <= 100 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  });
  if (fits) return {};
  return bad_input("AUTH-0052", "a secret's name has 1 to 100 letters, digits and . _ -");
}

// What a sealed value belongs to; neither part contains a line break.
std::string place_of(const WorkspaceId& workspace, std::string_view name) {
  return fmt::format("garrison secret 1\n{}\n{}", workspace.value, name);
}

std::string seal(const Secret& key, const std::string& nonce, std::string_view place, std::string_view value) {
  std::string sealed(value.size() + kTagBytes, '\0');
  unsigned long long length = 0;
  crypto_aead_xchacha20poly1305_ietf_encrypt(bytes_of(sealed), &length, bytes_of(value), value.size(), bytes_of(place),
                                             place.size(), nullptr, bytes_of(std::string_view(nonce)),
                                             bytes_of(key.reveal()));
  sealed.resize(length);
  return nonce + sealed;
}

std::optional<Secret> unseal(const Secret& key, std::string_view place, std::string_view sealed) {
  if (sealed.size() < kNonceBytes + kTagBytes) return std::nullopt;
  const std::string_view body = sealed.substr(kNonceBytes);
  std::string value(body.size() - kTagBytes, '\0');
  unsigned long long length = 0;
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(bytes_of(value), &length, nullptr, bytes_of(body), body.size(),
                                                 bytes_of(place), place.size(), bytes_of(sealed),
                                                 bytes_of(key.reveal())) != 0) {
    return std::nullopt;
  }
  return Secret(std::move(value));
}

Result<Secret> make_key(Disk& disk, const std::string& path, Random& random) {
  Secret key(random.bytes(kKeyBytes));
  const auto folder = std::filesystem::path(path).parent_path();
  if (!folder.empty()) GARRISON_TRY(disk.make_folder(folder.string()));
  GARRISON_TRY(disk.write_file(path, key.reveal()));
  return key;
}

}  // namespace

SecretStore::SecretStore(Secret key, state::Store& store, AuditLog& audit, const Clock& clock, Random& random)
    : key_(std::move(key)), store_(store), audit_(audit), clock_(clock), random_(random) {}

Result<std::unique_ptr<SecretStore>> SecretStore::open(Disk& disk, const std::string& key_path, state::Store& store,
                                                       AuditLog& audit, const Clock& clock, Random& random) {
  start_sodium();
  Secret key;
  if (disk.exists(key_path)) {
    GARRISON_ASSIGN(std::string bytes, disk.read_file(key_path, kKeyBytes + 1));
    if (bytes.size() != kKeyBytes) {
      return corrupt("AUTH-0050", fmt::format("the key file '{}' is damaged; restore it from a backup", key_path));
    }
    key = Secret(std::move(bytes));
  } else {
    GARRISON_ASSIGN(const auto any, store.read([](state::Transaction& transaction) {
      return transaction.query_one("SELECT 1 FROM secrets LIMIT 1", {}, [](const state::Row&) { return true; });
    }));
    if (any) {
      return not_found("AUTH-0051", fmt::format("secrets are stored but their key file '{}' is missing; restore it from "
                                                "a backup", key_path));
    }
    GARRISON_ASSIGN(key, make_key(disk, key_path, random));
  }
  return std::unique_ptr<SecretStore>(new SecretStore(std::move(key), store, audit, clock, random));
}

Result<void> SecretStore::set(const Principal& by, const WorkspaceId& workspace, std::string_view name,
                              const Secret& value) {
  GARRISON_TRY(check_name(name));
  if (value.reveal().size() > kMaxSecretBytes) return bad_input("AUTH-0052", "a secret has at most 64 KiB");
  const std::string sealed = seal(key_, random_.bytes(kNonceBytes), place_of(workspace, name), value.reveal());
  return store_.write([&](state::Transaction& transaction) -> Result<void> {
    GARRISON_TRY(transaction.execute(
        "INSERT INTO secrets (workspace, name, sealed, changed, changed_by) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (workspace, name) DO UPDATE SET sealed = excluded.sealed, changed = excluded.changed, "
        "changed_by = excluded.changed_by",
        {workspace, name, state::Blob{sealed}, clock_.now(), by.name}));
    AuditEvent event = AuditEvent::by(by, "secret.set", "secret:" + std::string(name));
    event.workspace = workspace;
    return audit_.add(transaction, event);
  });
}

Result<void> SecretStore::remove(const Principal& by, const WorkspaceId& workspace, std::string_view name) {
  return store_.write([&](state::Transaction& transaction) -> Result<void> {
    GARRISON_ASSIGN(const std::int64_t removed, transaction.execute(
        "DELETE FROM secrets WHERE workspace = ? AND name = ?", {workspace, name}));
    if (removed == 0) return not_found("AUTH-0053", "the workspace has no secret of this name");
    AuditEvent event = AuditEvent::by(by, "secret.remove", "secret:" + std::string(name));
    event.workspace = workspace;
    return audit_.add(transaction, event);
  });
}

Result<std::vector<SecretInfo>> SecretStore::list(const WorkspaceId& workspace) {
  return store_.read([&](state::Transaction& transaction) {
    return transaction.query_all("SELECT name, changed, changed_by FROM secrets WHERE workspace = ? ORDER BY name",
                                 {workspace}, [](const state::Row& row) {
                                   return SecretInfo{row.string(0), row.time(1), row.string(2)};
                                 });
  });
}

Result<Secret> SecretStore::reveal(const WorkspaceId& workspace, std::string_view name) {
  GARRISON_ASSIGN(const auto sealed, store_.read([&](state::Transaction& transaction) {
    return transaction.query_one("SELECT sealed FROM secrets WHERE workspace = ? AND name = ?", {workspace, name},
                                 [](const state::Row& row) { return row.string(0); });
  }));
  if (!sealed) return not_found("AUTH-0053", "the workspace has no secret of this name");
  auto value = unseal(key_, place_of(workspace, name), *sealed);
  if (!value) return corrupt("AUTH-0054", "the secret does not open: another key, or it was changed; set it again");
  return std::move(*value);
}

}  // namespace garrison::identity

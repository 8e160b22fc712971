// SPDX-License-Identifier: Apache-2.0
// A whole identity over a store in memory, for the tests of this library.
#pragma once

#include <gtest/gtest.h>

#include "base/fault_disk.h"
#include "base/random.h"
#include "identity/authorizer.h"
#include "identity/identity.h"
#include "state/sqlite_disk_vfs.h"

namespace garrison::identity {

class IdentityFixture : public testing::Test {
 protected:
  IdentityFixture() {
    EXPECT_TRUE(disk_.make_folder("/data").ok());
    reopen();
  }

  // As after a restart of the server.
  void reopen() {
    identity_.reset();
    outbox_.reset();
    store_.reset();
    const state::MigrationSet sets[] = {migrations()};
    auto store = state::Store::open("/data/state.db", {.vfs = vfs_.name()}, sets, clock_);
    ASSERT_TRUE(store.ok()) << store.error().to_string();
    store_ = std::move(*store);
    outbox_ = std::make_unique<state::Outbox>(*store_, clock_);
    auto identity = Identity::open(*store_, *outbox_, clock_, random_, {.password_cost = PasswordCost::cheap()});
    ASSERT_TRUE(identity.ok());
    identity_ = std::move(*identity);
  }

  User make_user(const std::string& name, std::map<WorkspaceId, Role> roles = {}, bool is_admin = false) {
    const auto made = identity_->users.create(system_, {name, Secret(password_), is_admin, false});
    EXPECT_TRUE(made.ok()) << made.error().to_string();
    for (const auto& [workspace, role] : roles) {
      EXPECT_TRUE(identity_->users.set_role(system_, made->id, workspace, role).ok());
    }
    return *identity_->users.find(name).value();
  }
  Result<SignedIn> try_sign_in(const std::string& name, const std::string& password,
                               const std::string& address = "192.0.2.1") {
    return identity_->sessions.sign_in({name, Secret(password), address, "test"});
  }
  SignedIn sign_in(const std::string& name) {
    auto done = try_sign_in(name, password_);
    EXPECT_TRUE(done.ok()) << done.error().to_string();
    return std::move(*done);
  }
  // The code of the answer to a session: empty when it is good.
  std::string session_code(const Secret& session) {
    const auto got = identity_->sessions.authenticate(session);
    return got.ok() ? "" : got.error().code;
  }
  Result<std::int64_t> run(std::string_view sql) {
    return store_->write([&](state::Transaction& transaction) { return transaction.execute(sql); });
  }

  const std::string password_ = "correct horse battery";
  const WorkspaceId main_{"main"};
  const WorkspaceId other_{"other"};
  const Principal system_ = Principal::system();
  ManualClock clock_{DateTime{kUnixEpochTicks + 20'000 * kTicksPerDay}};
  SeededRandom random_{11};
  FaultDisk disk_;
  state::SqliteDiskVfs vfs_{disk_};
  std::unique_ptr<state::Store> store_;
  std::unique_ptr<state::Outbox> outbox_;
  std::unique_ptr<Identity> identity_;
};

}  // namespace garrison::identity

// SPDX-License-Identifier: Apache-2.0
#include "identity/secret_store.h"

#include <filesystem>

#include "identity/identity_fixture.h"

namespace garrison::identity {
namespace {

class SecretStoreTest : public IdentityFixture {
 protected:
  Result<std::unique_ptr<SecretStore>> open() {
    return SecretStore::open(disk_, "/data/secrets.key", *store_, identity_->audit, clock_, random_);
  }
};

TEST_F(SecretStoreTest, KeepsSecretsSealed) {
  const auto secrets = open();
  ASSERT_TRUE(secrets.ok()) << secrets.error().to_string();
  ASSERT_TRUE((*secrets)->set(system_, main_, "mail", Secret("canary-value")).ok());
  EXPECT_EQ((*secrets)->reveal(main_, "mail")->reveal(), "canary-value");
  EXPECT_EQ((*secrets)->reveal(other_, "mail").error().code, "AUTH-0053");
  ASSERT_TRUE((*secrets)->set(system_, main_, "mail", Secret("second")).ok());
  EXPECT_EQ((*open())->reveal(main_, "mail")->reveal(), "second");
  const auto list = (*secrets)->list(main_).value();
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0].name, "mail");
  EXPECT_EQ(list[0].changed_by, "system");
  for (const char* const file : {"/data/state.db", "/data/state.db-wal"}) {
    EXPECT_EQ(disk_.read_file(file).value().find("canary-value"), std::string::npos);
  }
  ASSERT_TRUE((*secrets)->remove(system_, main_, "mail").ok());
  EXPECT_EQ((*secrets)->remove(system_, main_, "mail").error().code, "AUTH-0053");
  EXPECT_EQ(identity_->audit.list().value()[0].event.action, "secret.remove");
}

TEST_F(SecretStoreTest, ARowOpensOnlyInItsPlaceAndUnchanged) {
  const auto secrets = open();
  ASSERT_TRUE((*secrets)->set(system_, main_, "a", Secret("value")).ok());
  ASSERT_TRUE(run("INSERT INTO secrets SELECT 'other', 'a', sealed, changed, changed_by FROM secrets").ok());
  EXPECT_EQ((*secrets)->reveal(other_, "a").error().code, "AUTH-0054");
  ASSERT_TRUE(run("UPDATE secrets SET sealed = substr(sealed, 1, length(sealed) - 1)").ok());
  EXPECT_EQ((*secrets)->reveal(main_, "a").error().code, "AUTH-0054");
  ASSERT_TRUE(run("UPDATE secrets SET sealed = x'00'").ok());
  EXPECT_EQ((*secrets)->reveal(main_, "a").error().kind, ErrorKind::kCorrupt);
}

TEST_F(SecretStoreTest, SaysWhenTheKeyIsGoneOrDamaged) {
  {
    const auto secrets = open();
    ASSERT_TRUE((*secrets)->set(system_, main_, "a", Secret("value")).ok());
  }
  const std::string key = disk_.read_file("/data/secrets.key").value();
  EXPECT_EQ(key.size(), 32u);
  ASSERT_TRUE(disk_.remove("/data/secrets.key").ok());
  EXPECT_EQ(open().error().code, "AUTH-0051");
  ASSERT_TRUE(disk_.write_file("/data/secrets.key", key.substr(1)).ok());
  EXPECT_EQ(open().error().code, "AUTH-0050");
  ASSERT_TRUE(disk_.write_file("/data/secrets.key", std::string(32, 'k')).ok());
  EXPECT_EQ((*open())->reveal(main_, "a").error().code, "AUTH-0054");
}

TEST_F(SecretStoreTest, TheKeyFileIsForItsOwnerOnly) {
  SystemDisk disk;
  SystemRandom random;
  const auto folder = std::filesystem::temp_directory_path() / ("garrison-" + random.guid());
  const auto path = folder / "keys" / "secrets.key";
  ASSERT_TRUE(SecretStore::open(disk, path.string(), *store_, identity_->audit, clock_, random).ok());
  EXPECT_EQ(std::filesystem::status(path).permissions() & std::filesystem::perms::all,
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  std::filesystem::remove_all(folder);
}

TEST_F(SecretStoreTest, RefusesBadNamesAndSizes) {
  const auto secrets = open();
  for (const char* const name : {"", "a b", "a/b", "a\nb"}) {
    EXPECT_EQ((*secrets)->set(system_, main_, name, Secret("x")).error().code, "AUTH-0052") << name;
  }
  EXPECT_EQ((*secrets)->set(system_, main_, "a", Secret(std::string(65'537, 'x'))).error().code, "AUTH-0052");
  EXPECT_TRUE((*secrets)->set(system_, main_, "a", Secret(std::string(65'536, 'x'))).ok());
}

}  // namespace
}  // namespace garrison::identity

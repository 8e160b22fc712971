// SPDX-License-Identifier: Apache-2.0
#include "identity/audit.h"

#include "identity/identity_fixture.h"

namespace garrison::identity {
namespace {

class AuditTest : public IdentityFixture {
 protected:
  void add(int count) {
    for (int i = 0; i < count; ++i) {
      AuditEvent event = AuditEvent::by(system_, "test.act", "thing:" + std::to_string(i));
      event.workspace = i % 2 == 0 ? main_ : other_;
      event.details["n"] = i;
      ASSERT_TRUE(identity_->audit.add(event).ok());
    }
  }
  // Does what the database refuses to do, as somebody with the file could.
  void tamper(std::string_view sql) {
    ASSERT_TRUE(run("DROP TRIGGER IF EXISTS audit_no_update").ok());
    ASSERT_TRUE(run("DROP TRIGGER IF EXISTS audit_no_delete").ok());
    ASSERT_TRUE(run(sql).ok());
  }
};

TEST_F(AuditTest, ChainsEntriesAndListsThemNewestFirst) {
  EXPECT_EQ(identity_->audit.head().value(), "");
  add(5);
  EXPECT_EQ(identity_->audit.verify().value(), 5);
  const auto all = identity_->audit.list().value();
  ASSERT_EQ(all.size(), 5u);
  EXPECT_EQ(all[0].number, 5);
  EXPECT_EQ(all[0].hash, identity_->audit.head().value());
  EXPECT_EQ(all[4].event.target, "thing:0");
  EXPECT_EQ(all[4].time, clock_.now());
  const auto mine = identity_->audit.list({.workspace = main_, .before_number = 5, .max_entries = 1}).value();
  ASSERT_EQ(mine.size(), 1u);
  EXPECT_EQ(mine[0].number, 3);
}

TEST_F(AuditTest, RefusesChangesAndDeletions) {
  add(2);
  EXPECT_EQ(run("UPDATE audit SET body = '{}'").error().kind, ErrorKind::kConflict);
  EXPECT_EQ(run("DELETE FROM audit").error().kind, ErrorKind::kConflict);
}

TEST_F(AuditTest, NamesTheEntryThatWasTamperedWith) {
  const auto found = [&](std::string_view sql) {
    tamper(sql);
    const auto done = identity_->audit.verify();
    EXPECT_FALSE(done.ok()) << sql;
    return done.ok() ? "" : done.error().message;
  };
  add(6);
  EXPECT_EQ(found("UPDATE audit SET body = replace(body, 'thing:3', 'thing:9') WHERE number = 4"),
            "audit entry 4 was changed");
  tamper("UPDATE audit SET body = replace(body, 'thing:9', 'thing:3') WHERE number = 4");
  EXPECT_TRUE(identity_->audit.verify().ok());
  EXPECT_EQ(found("UPDATE audit SET workspace = 'other' WHERE number = 3"), "audit entry 3 was changed");
  tamper("UPDATE audit SET workspace = 'main' WHERE number = 3");
  EXPECT_EQ(found("UPDATE audit SET body = 'x' WHERE number = 2"), "audit entry 2 is damaged");
}

TEST_F(AuditTest, MissesNoEntry) {
  add(4);
  tamper("DELETE FROM audit WHERE number = 2");
  EXPECT_EQ(identity_->audit.verify().error().message, "audit entry 2 is missing");
  EXPECT_EQ(identity_->audit.verify().error().kind, ErrorKind::kCorrupt);
}

TEST_F(AuditTest, GoesThroughTheOutboxForTheTable) {
  add(2);
  std::vector<state::OutboxEntry> seen;
  ASSERT_TRUE(outbox_->register_projection({"audit", {std::string(kAuditTopic)}, 100, [&](auto batch) {
    seen.assign(batch.begin(), batch.end());
    return Result<void>();
  }}).ok());
  ASSERT_TRUE(outbox_->pump().ok());
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[1].workspace, other_);
  const auto body = json::parse(seen[1].payload).value();
  EXPECT_EQ(json::string_at(body, "Action"), "test.act");
  EXPECT_EQ(json::integer_at(body, "EntryNumber"), 2);
  EXPECT_EQ(json::string_at(body, "TimeGenerated"), format_iso(clock_.now()));
  EXPECT_EQ(json::string_at(body, "Hash"), identity_->audit.head().value());
}

TEST_F(AuditTest, IsWrittenWithItsChangeOrNotAtAll) {
  const auto done = store_->write([&](state::Transaction& transaction) -> Result<void> {
    GARRISON_TRY(identity_->audit.add(transaction, AuditEvent::by(system_, "test.act", "x")));
    return denied("T-1", "no");
  });
  EXPECT_FALSE(done.ok());
  EXPECT_EQ(identity_->audit.verify().value(), 0);
}

TEST_F(AuditTest, TakesHostileText) {
  AuditEvent event = AuditEvent::by(system_, "test.act", std::string("\xff\x1b[2J\"},{\n", 11));
  event.address = "<script>";
  ASSERT_TRUE(identity_->audit.add(event).ok());
  EXPECT_EQ(identity_->audit.verify().value(), 1);
  EXPECT_EQ(identity_->audit.list().value()[0].event.address, "<script>");
}

}  // namespace
}  // namespace garrison::identity

// SPDX-License-Identifier: Apache-2.0
#include "workspace/fair_queue.h"

#include <gtest/gtest.h>

#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace garrison::workspace {
namespace {

TEST(FairQueue, UsersTakeTurnsHoweverManyOneHasWaiting) {
  FairQueue queue({.max_running = 1, .max_running_per_user = 1, .max_waiting_per_user = 10});
  engine::CancelToken never;
  std::optional<FairQueue::Place> held(queue.enter("ann", never).value());
  std::mutex mutex;
  std::vector<std::string> order;
  std::vector<std::thread> threads;
  const auto start = [&](const std::string& user) {
    threads.emplace_back([&, user] {
      const auto place = queue.enter(user, never);
      const std::lock_guard lock(mutex);
      order.push_back(user);
    });
  };
  for (int i = 0; i < 3; ++i) start("ann");
  // Ann's three stand in line before Bob comes.
  while (queue.num_waiting() < 3) std::this_thread::yield();
  start("bob");
  while (queue.num_waiting() < 4) std::this_thread::yield();
  held.reset();
  for (std::thread& thread : threads) thread.join();
  ASSERT_EQ(order.size(), 4u);
  EXPECT_EQ(order[0], "bob");
}

TEST(FairQueue, RefusesTooManyWaitingAndLetsTheCancelledGo) {
  FairQueue queue({.max_running = 1, .max_running_per_user = 1, .max_waiting_per_user = 0});
  engine::CancelToken never;
  EXPECT_EQ(queue.enter("ann", never).error().kind, ErrorKind::kExhausted);
  FairQueue busy({.max_running = 1, .max_running_per_user = 1, .max_waiting_per_user = 5});
  const auto held = busy.enter("ann", never);
  engine::CancelToken cancelled;
  cancelled.cancel();
  EXPECT_EQ(busy.enter("bob", cancelled).error().code, "WORKSPACE-0031");
}

}  // namespace
}  // namespace garrison::workspace

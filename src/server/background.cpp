// SPDX-License-Identifier: Apache-2.0
#include "server/background.h"

#include "base/error.h"
#include "base/log.h"

namespace garrison::server {

Background::Background(std::chrono::milliseconds pause, std::function<void()> work)
    : pause_(pause), work_(std::move(work)), thread_([this] { run(); }) {}

Background::~Background() { stop(); }

void Background::wake() {
  const Lock lock(mutex_);
  is_woken_ = true;
  changed_.notify_all();
}

void Background::stop() {
  {
    const Lock lock(mutex_);
    is_stopping_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void Background::run() {
  for (;;) {
    {
      const Lock lock(mutex_);
      if (!is_woken_ && !is_stopping_) changed_.wait_for(mutex_, pause_);
      if (is_stopping_) return;
      is_woken_ = false;
    }
    try {
      work_();
    } catch (const CheckFailed& failed) {
      log::error("background work failed: {}", failed.text);
    } catch (const std::exception& thrown) {
      log::error("background work failed: {}", thrown.what());
    }
  }
}

}  // namespace garrison::server

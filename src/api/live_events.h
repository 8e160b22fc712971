// SPDX-License-Identifier: Apache-2.0
// News for open portal pages: server-sent events per workspace. Publishing never blocks; a page that is too slow misses
// events and reads the lists again. Any thread.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "api/route.h"
#include "base/ids.h"
#include "base/mutex.h"

namespace garrison::api {

class LiveEvents {
 public:
  // type: incident, alert, job or health; data: a LiveEvent as JSON.
  void publish(const WorkspaceId& workspace, std::string_view type, const json::value& data);
  // Ends every stream, for the server's stop.
  void close();
  // Writes events to the client until it goes; runs on a thread of its own.
  void serve(const WorkspaceId& workspace, net::BodyWriter& writer);

 private:
  struct Subscriber {
    WorkspaceId workspace;
    std::deque<std::string> waiting;  // at most kMaxWaiting
  };

  Mutex mutex_;
  Condition changed_;
  std::set<Subscriber*> subscribers_ GARRISON_GUARDED_BY(mutex_);
  bool is_closed_ GARRISON_GUARDED_BY(mutex_) = false;
};

Routes live_routes(LiveEvents& events);

}  // namespace garrison::api

// SPDX-License-Identifier: Apache-2.0
#include "api/live_events.h"

#include <fmt/format.h>

#include <chrono>

namespace garrison::api {
namespace {

constexpr std::size_t kMaxWaiting = 256;
constexpr int kPolls = 40;  // of half a second between two keep-alive comments

}  // namespace

void LiveEvents::publish(const WorkspaceId& workspace, std::string_view type, const json::value& data) {
  const std::string text = fmt::format("event: {}\ndata: {}\n\n", type, json::print(data));
  const Lock lock(mutex_);
  for (Subscriber* subscriber : subscribers_) {
    if (subscriber->workspace != workspace) continue;
    if (subscriber->waiting.size() >= kMaxWaiting) subscriber->waiting.pop_front();
    subscriber->waiting.push_back(text);
  }
  changed_.notify_all();
}

void LiveEvents::close() {
  const Lock lock(mutex_);
  is_closed_ = true;
  changed_.notify_all();
}

void LiveEvents::serve(const WorkspaceId& workspace, net::BodyWriter& writer) {
  Subscriber self{workspace, {}};
  {
    const Lock lock(mutex_);
    if (is_closed_) return;
    subscribers_.insert(&self);
  }
  bool is_open = writer.write(": connected\n\n") && writer.flush();
  int polls = 0;
  while (is_open && !writer.is_cancelled()) {
    std::string text;
    {
      const Lock lock(mutex_);
      if (self.waiting.empty() && !is_closed_) changed_.wait_for(mutex_, std::chrono::milliseconds(500));
      if (is_closed_) break;
      for (const std::string& event : self.waiting) text += event;
      self.waiting.clear();
    }
    if (text.empty() && ++polls >= kPolls) text = ": still here\n\n";
    if (text.empty()) continue;
    polls = 0;
    is_open = writer.write(text) && writer.flush();
  }
  const Lock lock(mutex_);
  subscribers_.erase(&self);
}

Routes live_routes(LiveEvents& events) {
  return {workspace_route("GET", "/api/workspaces/{workspace}/events", "streamEvents", identity::Permission::kWorkspaceRead,
                          [&events](Call& call) -> Result<net::Response> {
                            net::Response response;
                            response.headers.set("Content-Type", "text/event-stream");
                            response.headers.set("Cache-Control", "no-cache");
                            response.is_long_lived = true;
                            response.stream = [&events, workspace = call.workspace()](net::BodyWriter& writer) { events.serve(workspace, writer); };
                            return response;
                          })};
}

}  // namespace garrison::api

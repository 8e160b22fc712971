// SPDX-License-Identifier: Apache-2.0
#include "net/http_connection.h"

namespace garrison::net {

bool ConnectionTable::add(const std::shared_ptr<HttpConnection>& connection, const HttpServerOptions& options) {
  const Peer& peer = connection->peer();
  const Lock lock(mutex_);
  if (open_.size() >= options.max_connections) return false;
  if (!peer.is_unix_socket) {
    const auto at = per_address_.find(peer.address);
    if (at != per_address_.end() && at->second >= options.max_connections_per_address) return false;
    ++per_address_[peer.address];
  }
  open_.emplace(connection.get(), connection);
  return true;
}

void ConnectionTable::remove(const HttpConnection& connection) {
  const Lock lock(mutex_);
  if (open_.erase(&connection) == 0) return;
  if (!connection.peer().is_unix_socket) {
    const auto at = per_address_.find(connection.peer().address);
    if (--at->second == 0) per_address_.erase(at);
  }
  changed_.notify_all();
}

std::vector<std::shared_ptr<HttpConnection>> ConnectionTable::all() const {
  const Lock lock(mutex_);
  std::vector<std::shared_ptr<HttpConnection>> out;
  for (const auto& [key, connection] : open_) {
    if (auto alive = connection.lock()) out.push_back(std::move(alive));
  }
  return out;
}

std::size_t ConnectionTable::size() const {
  const Lock lock(mutex_);
  return open_.size();
}

bool ConnectionTable::wait_until_empty(std::chrono::milliseconds at_most) {
  const auto end = std::chrono::steady_clock::now() + at_most;
  const Lock lock(mutex_);
  while (!open_.empty()) {
    const auto left = end - std::chrono::steady_clock::now();
    if (left <= left.zero()) return false;
    changed_.wait_for(mutex_, left);
  }
  return true;
}

}  // namespace garrison::net

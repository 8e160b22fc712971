// SPDX-License-Identifier: Apache-2.0
// The running server: everything wired together over one data folder. Started and stopped by the main thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/disk.h"
#include "base/error.h"
#include "base/random.h"
#include "base/secret.h"

namespace garrison::server {

struct ServerOptions {
  std::string data_folder = "data";
  std::string listen = "127.0.0.1:8480";      // port 0: the kernel chooses
  std::string tls_listen;                     // "127.0.0.1:8443"; empty: none
  std::vector<std::string> tls_names;         // further names of the server certificate
  std::string content_folder;
  std::string portal_folder;                  // empty: no portal
  std::string engine_program;                 // the garrison program itself, for its `engine` child
  std::string engine_library;                 // empty: found beside the program
  std::uint64_t engine_memory_bytes = 3ull << 30;
  bool has_shipped_rules = true;
};

// The first administrator, made when the data folder is new. Shown once.
struct FirstAdmin {
  std::string name;
  Secret password;
};

class Server {
 public:
  // Errors say at once what is in the way: an unreadable folder, another server on it, a port in use, a newer database.
  static Result<std::unique_ptr<Server>> start(const ServerOptions& options, Disk& disk, const Clock& clock, Random& random);
  ~Server();
  // Takes no more requests, ends rule runs and statements, keeps what is acknowledged in the log.
  void stop();

  std::string address() const;      // "http://127.0.0.1:8480"
  std::string tls_address() const;  // empty without TLS
  // None when the data folder was used before.
  const std::optional<FirstAdmin>& first_admin() const;

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace garrison::server

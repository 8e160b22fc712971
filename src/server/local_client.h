// SPDX-License-Identifier: Apache-2.0
// The command line's way to the running server: over the Unix socket in the data folder, as its operator, or over
// HTTP(S) with a token. One thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/secret.h"
#include "net/http_client.h"

namespace garrison::server {

struct ClientTarget {
  std::string data_folder;  // used unless url is set
  std::string url;          // "http://127.0.0.1:8480"
  Secret token;
  std::string ca_file;
};

class LocalClient {
 public:
  // CLI-0001 (kUnavailable) when no server runs on the data folder.
  static Result<std::unique_ptr<LocalClient>> connect(const ClientTarget& target);

  struct Answer {
    int status = 0;
    std::string body;
  };
  // The server's own error, with its kind and code, for any status of 400 and above.
  Result<Answer> call(std::string_view method, std::string_view path, std::string_view body = {},
                      std::string_view content_type = "application/json");
  Result<json::value> get(std::string_view path);
  Result<json::value> post(std::string_view path, const json::value& body);

 private:
  LocalClient(std::unique_ptr<net::HttpClient> client, std::string base, Secret token);

  std::unique_ptr<net::HttpClient> client_;
  std::string base_;
  Secret token_;
};

// Paths inside the data folder, the same for server and command line.
std::string socket_path(const std::string& data_folder);

}  // namespace garrison::server

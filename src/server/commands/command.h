// SPDX-License-Identifier: Apache-2.0
// One subcommand of `garrison`: adds itself to the parser and runs when it was chosen. One file each, listed in all.h.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/error.h"
#include "base/json.h"
#include "server/local_client.h"

namespace CLI {
class App;
}

namespace garrison::server {

// What a subcommand gives back: the process's exit code. 0 done, 1 something is not as it should be (a check failed),
// 2 wrong input or the work could not be done.
struct CommandRegistry {
  CLI::App& app;
  // Set by the subcommand that was parsed.
  std::function<int()> chosen;
};

using AddCommand = void (*)(CommandRegistry&);

// Prints "garrison: CODE at line:column: message" and gives 2.
int report(const Error& error);

// --data, --url, --token-file, --ca: how to reach the server; --workspace.
struct TargetOptions {
  std::string data = "data";
  std::string url;
  std::string token_file;
  std::string ca_file;
  std::string workspace = "main";

  void add_to(CLI::App& command);
  Result<std::unique_ptr<LocalClient>> connect() const;
  // "/api/workspaces/<workspace>" + path
  std::string path(std::string_view rest) const;
};

// Where the program finds content/ and the portal: beside the sources it was built from, or ../share/garrison.
std::string content_folder();
std::string portal_folder();

// Percent-encodes a path segment or query value.
std::string encode_component(std::string_view text);

}  // namespace garrison::server

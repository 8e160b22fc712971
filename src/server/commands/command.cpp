// SPDX-License-Identifier: Apache-2.0
#include "server/commands/command.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

#include "base/disk.h"
#include "base/text.h"

namespace garrison::server {
namespace {

std::filesystem::path program_folder() {
  std::error_code code;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", code);
  return code ? std::filesystem::path(".") : self.parent_path();
}

// The first of the places that exists: installed beside the program, or the source tree of a build in build/bin.
std::string first_existing(const std::string& installed, const std::string& in_tree) {
  const auto folder = program_folder();
  for (const auto& candidate : {folder / ".." / "share" / "garrison" / installed, folder / ".." / ".." / in_tree}) {
    std::error_code code;
    const auto whole = std::filesystem::canonical(candidate, code);
    if (!code) return whole.string();
  }
  return in_tree;
}

}  // namespace

int report(const Error& error) {
  fmt::print(stderr, "garrison: {}\n", text::escape_control(error.to_string()));
  return 2;
}

void TargetOptions::add_to(CLI::App& command) {
  command.add_option("--data", data, "Data folder of the running server")->envname("GARRISON_DATA")->capture_default_str();
  command.add_option("--url", url, "Address of a server elsewhere, e.g. https://host:8443")->envname("GARRISON_URL");
  command.add_option("--token-file", token_file, "File with an API token, for --url")->envname("GARRISON_TOKEN_FILE");
  command.add_option("--ca", ca_file, "CA certificate of the server, for --url");
  command.add_option("-w,--workspace", workspace, "Workspace")->envname("GARRISON_WORKSPACE")->capture_default_str();
}

Result<std::unique_ptr<LocalClient>> TargetOptions::connect() const {
  ClientTarget target;
  target.data_folder = data;
  target.url = url;
  target.ca_file = ca_file;
  if (!token_file.empty()) {
    SystemDisk disk;
    GARRISON_ASSIGN(const std::string text, disk.read_file(token_file, 4096));
    target.token = Secret(std::string(text::trim(text)));
  }
  return LocalClient::connect(target);
}

std::string TargetOptions::path(std::string_view rest) const { return fmt::format("/api/workspaces/{}{}", encode_component(workspace), rest); }

std::string content_folder() { return first_existing("content", "content"); }
std::string portal_folder() { return first_existing("portal", "portal/dist"); }

std::string encode_component(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '~';
    if (plain) out += c;
    else out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

}  // namespace garrison::server

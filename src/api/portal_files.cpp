// SPDX-License-Identifier: Apache-2.0
#include "api/portal_files.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <utility>

#include "base/text.h"
#include "net/compression.h"

namespace garrison::api {
namespace {

constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
    "connect-src 'self'; worker-src 'self' blob:; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
constexpr std::size_t kMaxFileBytes = 64 << 20;

std::string_view content_type(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kTypes = {
      {{".html", "text/html; charset=utf-8"}, {".js", "text/javascript; charset=utf-8"}, {".mjs", "text/javascript; charset=utf-8"},
       {".css", "text/css; charset=utf-8"}, {".svg", "image/svg+xml"}, {".png", "image/png"}, {".json", "application/json"},
       {".woff2", "font/woff2"}, {".ttf", "font/ttf"}, {".ico", "image/x-icon"}, {".webmanifest", "application/manifest+json"}}};
  for (const auto& [ending, type] : kTypes) {
    if (name.ends_with(ending)) return type;
  }
  return "application/octet-stream";
}

}  // namespace

Result<std::unique_ptr<PortalFiles>> PortalFiles::load(Disk& disk, const std::string& folder) {
  std::unique_ptr<PortalFiles> files(new PortalFiles);
  if (!disk.exists(folder + "/index.html")) {
    return not_found("API-0020", fmt::format("the portal is not built: '{}/index.html' is missing", folder));
  }
  GARRISON_TRY(files->load_folder(disk, folder, ""));
  return files;
}

Result<void> PortalFiles::load_folder(Disk& disk, const std::string& folder, const std::string& prefix) {
  GARRISON_ASSIGN(const auto names, disk.list(folder));
  for (const std::string& name : names) {
    if (name.starts_with('.') || name.ends_with(".map")) continue;
    const std::string path = folder + "/" + name;
    if (std::filesystem::is_directory(path)) {
      GARRISON_TRY(load_folder(disk, path, prefix + "/" + name));
      continue;
    }
    GARRISON_ASSIGN(std::string bytes, disk.read_file(path, kMaxFileBytes));
    File file;
    file.content_type = content_type(name);
    file.etag = fmt::format("\"{:x}-{:x}\"", bytes.size(), std::hash<std::string>()(bytes));
    file.is_immutable = prefix.starts_with("/assets");
    std::string packed = net::compress(net::Encoding::kGzip, bytes);
    if (packed.size() < bytes.size()) file.gzip = std::make_shared<const std::string>(std::move(packed));
    file.plain = std::make_shared<const std::string>(std::move(bytes));
    files_.emplace(prefix + "/" + name, std::move(file));
  }
  return {};
}

Result<net::Response> PortalFiles::answer(const net::Request& request) const {
  if (request.method != "GET" && request.method != "HEAD") {
    return unsupported("API-0021", fmt::format("{} is not answered at '{}'", request.method, request.path));
  }
  auto found = files_.find(request.path);
  if (found == files_.end()) {
    // Only paths that look like pages get the page; a missing script stays missing.
    const bool looks_like_file = request.path.rfind('.') != std::string::npos && request.path.rfind('.') > request.path.rfind('/');
    if (looks_like_file && request.path.starts_with("/assets")) return not_found("API-0022", fmt::format("there is no file '{}'", request.path));
    found = files_.find("/index.html");
  }
  const File& file = found->second;
  net::Response response;
  response.headers.set("Content-Type", file.content_type);
  response.headers.set("Content-Security-Policy", std::string(kPolicy));
  response.headers.set("Cache-Control", file.is_immutable ? "public, max-age=31536000, immutable" : "no-cache");
  response.headers.set("ETag", file.etag);
  response.headers.set("Vary", "Accept-Encoding");
  if (request.headers.has_token("If-None-Match", file.etag)) {
    response.status = 304;
    return response;
  }
  if (file.gzip && request.headers.value_or("Accept-Encoding", "").find("gzip") != std::string_view::npos) {
    response.headers.set("Content-Encoding", "gzip");
    response.shared_body = file.gzip;
  } else {
    response.shared_body = file.plain;
  }
  return response;
}

}  // namespace garrison::api

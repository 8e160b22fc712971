// SPDX-License-Identifier: Apache-2.0
// The portal's files, held in memory with a gzip copy of each, served under a strict content security policy. Paths
// without a file get the page itself, so that links into the portal work. Immutable after load; any thread.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/disk.h"
#include "base/error.h"
#include "net/http.h"

namespace garrison::api {

class PortalFiles {
 public:
  // API-0020 (kNotFound) when the folder has no index.html.
  static Result<std::unique_ptr<PortalFiles>> load(Disk& disk, const std::string& folder);
  Result<net::Response> answer(const net::Request& request) const;

 private:
  struct File {
    std::string content_type;
    std::shared_ptr<const std::string> plain;
    std::shared_ptr<const std::string> gzip;  // null where it would not be smaller
    std::string etag;
    bool is_immutable = false;                // the name holds a hash of the content
  };
  Result<void> load_folder(Disk& disk, const std::string& folder, const std::string& prefix);

  std::map<std::string, File, std::less<>> files_;  // "/assets/x.js"
};

}  // namespace garrison::api

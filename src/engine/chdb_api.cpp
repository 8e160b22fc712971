// SPDX-License-Identifier: Apache-2.0
#include "engine/chdb_api.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <vector>

namespace garrison::engine {
namespace {

std::vector<std::string> library_places() {
  std::error_code failure;
  const std::filesystem::path executable = std::filesystem::read_symlink("/proc/self/exe", failure);
  if (failure) return {};
  const std::filesystem::path folder = executable.parent_path().parent_path() / "lib";
  return {(folder / "garrison" / "libchdb.so").string(), (folder / "libchdb.so").string()};
}

class Binder {
 public:
  explicit Binder(void* library) : library_(library) {}

  template <typename Function>
  void bind(Function& slot, const char* name) {
    slot = reinterpret_cast<Function>(dlsym(library_, name));
    if (!slot && missing_.empty()) missing_ = name;
  }
  const std::string& missing() const { return missing_; }

 private:
  void* library_;
  std::string missing_;
};

std::string bind_all(void* library, ChdbApi& api) {
  Binder binder(library);
  binder.bind(api.connect, "chdb_connect");
  binder.bind(api.close, "chdb_close_conn");
  binder.bind(api.set_signal_handlers_enabled, "chdb_set_signal_handlers_enabled");
  binder.bind(api.version, "chdb_version");
  binder.bind(api.query, "chdb_query_with_params_n");
  binder.bind(api.stream_query, "chdb_stream_query_with_params_n");
  binder.bind(api.stream_fetch, "chdb_stream_fetch_result");
  binder.bind(api.stream_cancel, "chdb_stream_cancel_query");
  binder.bind(api.result_buffer, "chdb_result_buffer");
  binder.bind(api.result_length, "chdb_result_length");
  binder.bind(api.result_error, "chdb_result_error");
  binder.bind(api.result_storage_rows_read, "chdb_result_storage_rows_read");
  binder.bind(api.result_storage_bytes_read, "chdb_result_storage_bytes_read");
  binder.bind(api.destroy_result, "chdb_destroy_query_result");
  binder.bind(api.insert_begin, "chdb_stream_insert_n");
  binder.bind(api.insert_error, "chdb_stream_insert_error");
  binder.bind(api.insert_append, "chdb_stream_append");
  binder.bind(api.insert_done, "chdb_stream_done");
  binder.bind(api.insert_cancel, "chdb_stream_cancel_insert");
  binder.bind(api.destroy_insert, "chdb_destroy_insert_stream");
  return binder.missing();
}

}  // namespace

std::string find_chdb_library() {
  if (const char* chosen = std::getenv("GARRISON_CHDB"); chosen && *chosen) return chosen;
  for (const std::string& place : library_places()) {
    std::error_code failure;
    if (std::filesystem::exists(place, failure)) return place;
  }
  return {};
}

Result<std::shared_ptr<const ChdbApi>> ChdbApi::load(const std::string& path) {
  const std::string chosen = path.empty() ? find_chdb_library() : path;
  if (chosen.empty()) {
    return unavailable("ENGINE-0001", fmt::format("the engine library libchdb.so was not found; set GARRISON_CHDB to "
                                                  "its path or put it at one of: {}",
                                                  fmt::join(library_places(), ", ")));
  }
  void* library = dlopen(chosen.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char* reason = dlerror();
    return unavailable("ENGINE-0001", fmt::format("the engine library cannot be loaded: {}", reason ? reason : chosen));
  }
  auto api = std::make_shared<ChdbApi>();
  if (const std::string missing = bind_all(library, *api); !missing.empty()) {
    return unavailable("ENGINE-0001",
                       fmt::format("{} has no function {}: another release than 26.7.3 is installed", chosen, missing));
  }
  // Crash handlers and SIGINT belong to the program, not to a library in it.
  api->set_signal_handlers_enabled(0);
  return std::shared_ptr<const ChdbApi>(std::move(api));
}

}  // namespace garrison::engine

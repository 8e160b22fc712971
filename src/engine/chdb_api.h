// SPDX-License-Identifier: Apache-2.0
// Our own declaration of the C functions of libchdb (ClickHouse as a library, release 26.7.3), bound at run time with
// dlopen: programs that never touch the engine do not load its 566 MB. The library is never unloaded. A loaded ChdbApi
// is immutable and may be used from any thread; the connections made with it serve one statement at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace garrison::engine {

// Opaque handles of the library.
struct ChdbConnectionHandle;  // what chdb_connect returns points to one of these
struct ChdbResultHandle;
struct ChdbInsertHandle;

struct ChdbApi {
  using Connection = ChdbConnectionHandle*;
  using ResultPtr = ChdbResultHandle*;
  using Insert = ChdbInsertHandle*;

  // argv[0] any name, then "--path=DIR", "--SETTING=VALUE". Null on failure; the library does not say why.
  Connection* (*connect)(int argc, char** argv) = nullptr;
  // Must be called for every connection before exit, else the process crashes while exiting.
  void (*close)(Connection* connection) = nullptr;
  void (*set_signal_handlers_enabled)(int enabled) = nullptr;
  const char* (*version)() = nullptr;

  // Whole result at once. Never for an INSERT with binary rows behind the statement: trailing white space is cut.
  ResultPtr (*query)(Connection, const char* sql, std::size_t sql_length, const char* format,
                     std::size_t format_length, const char* const* names, const std::size_t* name_lengths,
                     const char* const* values, const std::size_t* value_lengths, std::size_t count) = nullptr;
  // Only for SELECT. Pieces of the result; the zero-length piece ends. Destroy each piece and the stream itself.
  ResultPtr (*stream_query)(Connection, const char* sql, std::size_t sql_length, const char* format,
                            std::size_t format_length, const char* const* names, const std::size_t* name_lengths,
                            const char* const* values, const std::size_t* value_lengths, std::size_t count) = nullptr;
  ResultPtr (*stream_fetch)(Connection, ResultPtr stream) = nullptr;
  void (*stream_cancel)(Connection, ResultPtr stream) = nullptr;

  char* (*result_buffer)(ResultPtr) = nullptr;
  std::size_t (*result_length)(ResultPtr) = nullptr;
  const char* (*result_error)(ResultPtr) = nullptr;  // null: none
  std::uint64_t (*result_storage_rows_read)(ResultPtr) = nullptr;
  std::uint64_t (*result_storage_bytes_read)(ResultPtr) = nullptr;
  void (*destroy_result)(ResultPtr) = nullptr;

  // "INSERT INTO t (columns)" without FORMAT; rows follow by append and are committed by done.
  Insert (*insert_begin)(Connection, const char* sql, std::size_t sql_length, const char* format,
                         std::size_t format_length) = nullptr;
  const char* (*insert_error)(Insert) = nullptr;
  int (*insert_append)(Insert, const void* bytes, std::size_t length) = nullptr;  // copies, may block; 0 is success
  ResultPtr (*insert_done)(Insert) = nullptr;
  void (*insert_cancel)(Insert) = nullptr;
  void (*destroy_insert)(Insert) = nullptr;

  // Loads the library and binds every function. ENGINE-0001 (kUnavailable) when it is absent or unfit; the message
  // names the places tried. An empty path means: see find_chdb_library().
  static Result<std::shared_ptr<const ChdbApi>> load(const std::string& path = {});
};

// $GARRISON_CHDB when it is set, else the first that exists of ../lib/garrison/libchdb.so and ../lib/libchdb.so beside
// the folder of the executable. Empty when there is none.
std::string find_chdb_library();

}  // namespace garrison::engine

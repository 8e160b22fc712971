// SPDX-License-Identifier: Apache-2.0
#include "engine/engine_error.h"

#include <fmt/format.h>

#include <charconv>

#include "base/text.h"

namespace garrison::engine {
namespace {

constexpr std::string_view kPrefix = "the engine says: ";

std::string_view plain_message(std::string_view text) {
  for (const std::string_view tail : {"\nStack trace", ", Stack trace", " (version ", "\n(version "}) {
    if (const auto at = text.find(tail); at != std::string_view::npos) text = text.substr(0, at);
  }
  return text::trim(text.substr(0, 4096));
}

}  // namespace

int exception_code(std::string_view text) {
  const auto at = text.find("Code: ");
  if (at == std::string_view::npos) return 0;
  int code = 0;
  const char* begin = text.data() + at + 6;
  std::from_chars(begin, text.data() + text.size(), code);
  return code;
}

Error engine_error(std::string_view text) { return engine_error(exception_code(text), text); }

Error engine_error(int code, std::string_view text) {
  std::string message = fmt::format("{}{}", kPrefix, plain_message(text));
  switch (code) {
    case 159:  // TIMEOUT_EXCEEDED
    case 160:  // TOO_SLOW
      return timeout("ENGINE-0004", std::move(message));
    case 158:  // TOO_MANY_ROWS
    case 241:  // MEMORY_LIMIT_EXCEEDED
    case 307:  // TOO_MANY_BYTES
    case 396:  // TOO_MANY_ROWS_OR_BYTES
    case 173:  // CANNOT_ALLOCATE_MEMORY
      return exhausted("ENGINE-0005", std::move(message));
    case 243:  // NOT_ENOUGH_SPACE
      return exhausted("ENGINE-0006", std::move(message));
    case 394:  // QUERY_WAS_CANCELLED
    case 735:  // QUERY_WAS_CANCELLED_BY_CLIENT
      return cancelled_error();
    case 164:  // READONLY
    case 192:  // UNKNOWN_USER
    case 193:  // WRONG_PASSWORD
    case 194:  // REQUIRED_PASSWORD
    case 195:  // IP_ADDRESS_NOT_ALLOWED
    case 452:  // SETTING_CONSTRAINT_VIOLATION
    case 497:  // ACCESS_DENIED
    case 516:  // AUTHENTICATION_FAILED
      return denied("ENGINE-0008", std::move(message));
    case 60:  // UNKNOWN_TABLE
    case 81:  // UNKNOWN_DATABASE
      return not_found("ENGINE-0009", std::move(message));
    case 57:  // TABLE_ALREADY_EXISTS
    case 82:  // DATABASE_ALREADY_EXISTS
      return conflict("ENGINE-0010", std::move(message));
    case 40:   // CHECKSUM_DOESNT_MATCH
    case 228:  // BAD_DATA_PART_NAME
    case 233:  // UNEXPECTED_FILE_IN_DATA_PART
    case 246:  // CORRUPTED_DATA
    case 271:  // CANNOT_DECOMPRESS
      return corrupt("ENGINE-0011", std::move(message));
    case 252:  // TOO_MANY_PARTS: also "too many partitions for single INSERT block"
      if (text.find("partitions") != std::string_view::npos) return bad_input("ENGINE-0012", std::move(message));
      return unavailable("ENGINE-0002", std::move(message));
    case 33:   // CANNOT_READ_ALL_DATA
    case 117:  // INCORRECT_DATA
    case 53:   // TYPE_MISMATCH
    case 16:   // NO_SUCH_COLUMN_IN_TABLE
      return bad_input("ENGINE-0014", std::move(message));
    case 202:  // TOO_MANY_SIMULTANEOUS_QUERIES
    case 209:  // SOCKET_TIMEOUT
    case 210:  // NETWORK_ERROR
    case 236:  // ABORTED
    case 242:  // TABLE_IS_READ_ONLY (replica without ZooKeeper)
    case 279:  // ALL_CONNECTION_TRIES_FAILED
    case 319:  // UNKNOWN_STATUS_OF_INSERT
    case 999:  // KEEPER_EXCEPTION
      return unavailable("ENGINE-0002", std::move(message));
    default:
      return bad_input("ENGINE-0003", std::move(message));
  }
}

std::string exception_text(const Error& error) {
  if (error.message.starts_with(kPrefix)) return error.message.substr(kPrefix.size());
  int code = 1001;  // STD_EXCEPTION
  if (error.code == kCancelledCode) code = 394;
  if (error.kind == ErrorKind::kUnavailable || error.code == "ENGINE-0013") code = 202;
  if (error.code == "ENGINE-0014") code = 117;
  return fmt::format("Code: {}. DB::Exception: {}", code, error.message);
}

Error cancelled_error() { return timeout(std::string(kCancelledCode), "the statement was cancelled"); }

}  // namespace garrison::engine

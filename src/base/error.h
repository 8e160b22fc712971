// SPDX-License-Identifier: Apache-2.0
// Error values of the whole product. Expected failures travel as Result<T>; exceptions do not cross a library border.
// Values are immutable once built and may be copied between threads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace garrison {

// Closed list of kinds. A kind decides the HTTP status and whether a caller may try again.
enum class ErrorKind : std::uint8_t {
  kBadInput,     // 400: the caller's input is wrong; repeating it unchanged cannot help
  kNotFound,     // 404
  kDenied,       // 403 (401 where nobody is signed in)
  kConflict,     // 409: etag, duplicate name, state that forbids the change
  kExhausted,    // 429: a budget (memory, rows, rate, disk) is used up
  kTimeout,      // 504
  kUnavailable,  // 503: engine, disk or peer away; trying again may help
  kCorrupt,      // 500: stored data does not check out
  kUnsupported,  // 501: known, but not supported yet; the message names the part
  kBug,          // 500: ours
};

// Where in a text the error stands. Both count from 1; columns count Unicode characters.
struct Position {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  bool operator==(const Position&) const = default;
};

// One failure: kind, stable code such as "KQL-0012", and a message that says what, where and what to do.
struct Error {
  ErrorKind kind = ErrorKind::kBug;
  std::string code;
  std::string message;
  std::optional<Position> position;

  // Renders "CODE at line:column: message", the form shown on a terminal.
  std::string to_string() const;
};

std::string_view to_string(ErrorKind kind);
int http_status(ErrorKind kind);

// Value or Error. Use GARRISON_TRY to pass an error up.
template <typename T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
  Result(Error error) : tl::expected<T, Error>(tl::unexpect, std::move(error)) {}
  bool ok() const { return this->has_value(); }
};

Error bad_input(std::string code, std::string message, std::optional<Position> position = std::nullopt);
Error not_found(std::string code, std::string message);
Error denied(std::string code, std::string message);
Error conflict(std::string code, std::string message);
Error exhausted(std::string code, std::string message);
Error timeout(std::string code, std::string message);
Error unavailable(std::string code, std::string message);
Error corrupt(std::string code, std::string message);
Error unsupported(std::string code, std::string message, std::optional<Position> position = std::nullopt);
Error bug(std::string message);

// Thrown by GARRISON_CHECK only, caught at task level: the task fails, the process lives.
struct CheckFailed {
  std::string text;
};
[[noreturn]] void check_failed(const char* expression, const char* file, int line);

}  // namespace garrison

#define GARRISON_CONCAT_(a, b) a##b
#define GARRISON_CONCAT(a, b) GARRISON_CONCAT_(a, b)

// GARRISON_TRY(expr): returns the error of expr from the enclosing function.
#define GARRISON_TRY(expr)                                                     \
  do {                                                                         \
    if (auto garrison_result_ = (expr); !garrison_result_.has_value())         \
      return ::garrison::Error(std::move(garrison_result_).error());           \
  } while (false)

// GARRISON_ASSIGN(auto x, expr): as GARRISON_TRY, and moves the value into x.
#define GARRISON_ASSIGN(target, expr) GARRISON_ASSIGN_(target, expr, GARRISON_CONCAT(garrison_value_, __LINE__))
#define GARRISON_ASSIGN_(target, expr, temporary)                              \
  auto temporary = (expr);                                                     \
  if (!temporary.has_value()) return ::garrison::Error(std::move(temporary).error()); \
  target = std::move(temporary).value()

// Checks an invariant of ours; on in release; ends the task, not the process.
#define GARRISON_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::garrison::check_failed(#condition, __FILE__, __LINE__))

// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"

#include <fmt/format.h>

#include "base/log.h"

namespace garrison {
namespace {

Error make(ErrorKind kind, std::string code, std::string message, std::optional<Position> position = std::nullopt) {
  return Error{kind, std::move(code), std::move(message), position};
}

}  // namespace

std::string Error::to_string() const {
  if (position) return fmt::format("{} at {}:{}: {}", code, position->line, position->column, message);
  return fmt::format("{}: {}", code, message);
}

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kBadInput: return "bad_input";
    case ErrorKind::kNotFound: return "not_found";
    case ErrorKind::kDenied: return "denied";
    case ErrorKind::kConflict: return "conflict";
    case ErrorKind::kExhausted: return "exhausted";
    case ErrorKind::kTimeout: return "timeout";
    case ErrorKind::kUnavailable: return "unavailable";
    case ErrorKind::kCorrupt: return "corrupt";
    case ErrorKind::kUnsupported: return "unsupported";
    case ErrorKind::kBug: return "bug";
  }
  return "bug";
}

int http_status(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kBadInput: return 400;
    case ErrorKind::kNotFound: return 404;
    case ErrorKind::kDenied: return 403;
    case ErrorKind::kConflict: return 409;
    case ErrorKind::kExhausted: return 429;
    case ErrorKind::kTimeout: return 504;
    case ErrorKind::kUnavailable: return 503;
    case ErrorKind::kUnsupported: return 501;
    case ErrorKind::kCorrupt:
    case ErrorKind::kBug: return 500;
  }
  return 500;
}

Error bad_input(std::string code, std::string message, std::optional<Position> position) {
  return make(ErrorKind::kBadInput, std::move(code), std::move(message), position);
}
Error not_found(std::string code, std::string message) {
  return make(ErrorKind::kNotFound, std::move(code), std::move(message));
}
Error denied(std::string code, std::string message) {
  return make(ErrorKind::kDenied, std::move(code), std::move(message));
}
Error conflict(std::string code, std::string message) {
  return make(ErrorKind::kConflict, std::move(code), std::move(message));
}
Error exhausted(std::string code, std::string message) {
  return make(ErrorKind::kExhausted, std::move(code), std::move(message));
}
Error timeout(std::string code, std::string message) {
  return make(ErrorKind::kTimeout, std::move(code), std::move(message));
}
Error unavailable(std::string code, std::string message) {
  return make(ErrorKind::kUnavailable, std::move(code), std::move(message));
}
Error corrupt(std::string code, std::string message) {
  return make(ErrorKind::kCorrupt, std::move(code), std::move(message));
}
Error unsupported(std::string code, std::string message, std::optional<Position> position) {
  return make(ErrorKind::kUnsupported, std::move(code), std::move(message), position);
}
Error bug(std::string message) { return make(ErrorKind::kBug, "BUG-0001", std::move(message)); }

void check_failed(const char* expression, const char* file, int line) {
  std::string text = fmt::format("check failed: {} at {}:{}", expression, file, line);
  log::error("{}", text);
  throw CheckFailed{std::move(text)};
}

}  // namespace garrison

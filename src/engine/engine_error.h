// SPDX-License-Identifier: Apache-2.0
// Turns what ClickHouse says into our errors. Stateless; any thread may call.
// Codes: ENGINE-0001 library absent or unfit, 0002 away or cut off, 0003 statement refused, 0004 time budget used up,
// 0005 memory or row budget used up, 0006 disk full, 0007 cancelled, 0008 denied, 0009 unknown table or database,
// 0010 exists already, 0011 stored or sent data damaged, 0012 one insert touches too many partitions, 0013 all
// connections busy, 0014 rows refused, 0015 data folder cannot be opened.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace garrison::engine {

// The number in "Code: 241. DB::Exception: ..."; 0 when there is none.
int exception_code(std::string_view text);

// Maps the engine's message; a stack trace and the trailing "(version ...)" are cut off.
Error engine_error(std::string_view text);
// The same when the code is known from elsewhere (an HTTP header).
Error engine_error(int code, std::string_view text);

// A statement that was stopped by its CancelToken or by Engine::cancel: kTimeout with this code, so that callers can
// tell it from a used-up time budget.
inline constexpr std::string_view kCancelledCode = "ENGINE-0007";
Error cancelled_error();

// The way back, for the engine child: "Code: 241. DB::Exception: ..." that engine_error() maps to the same kind.
std::string exception_text(const Error& error);

}  // namespace garrison::engine

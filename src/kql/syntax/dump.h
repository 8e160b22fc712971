// SPDX-License-Identifier: Apache-2.0
// Prints a syntax tree as an S-expression, for tests and for `--explain`. One line a statement; the form is for people
// and may change. Obfuscated strings (h"...") are not shown. Stateless.
#pragma once

#include <string>

#include "kql/syntax/tree.h"

namespace garrison::kql::syntax {

std::string dump(const Query& query);
std::string dump(const Statement& statement);
std::string dump(const Pipeline& pipeline);
std::string dump(const Operator& op);
std::string dump(const Expression& expression);

}  // namespace garrison::kql::syntax

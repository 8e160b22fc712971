// SPDX-License-Identifier: Apache-2.0
// Shared by the files of the binder. Stateless.
#pragma once

#include "base/error.h"

namespace garrison::kql {

// The cause of this error has been reported already (or a discovery comes first): nothing more is to be said.
Error said();
bool is_said(const Error& error);

}  // namespace garrison::kql

// SPDX-License-Identifier: Apache-2.0
// The route that lists the routes, with the permission of each.
#pragma once

#include "api/route.h"

namespace garrison::api {

// Adds GET /api/routes to the table; the answer covers every route, itself included.
void add_route_list(Routes& routes);

}  // namespace garrison::api

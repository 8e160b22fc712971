// SPDX-License-Identifier: Apache-2.0
// Tells open portal pages what the outbox tells: new alerts, changed incidents. Called by the outbox's pump.
#pragma once

#include "api/live_events.h"
#include "state/outbox.h"

namespace garrison::server {

// The events object must outlive the projection.
state::Projection live_projection(api::LiveEvents& events);

}  // namespace garrison::server

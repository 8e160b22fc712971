// SPDX-License-Identifier: Apache-2.0
// Runs single queries without tables of their own on an engine: for conformance and for the examples of the registry.
#pragma once

#include "base/random.h"
#include "base/ticks.h"
#include "engine/engine.h"
#include "workspace/kql_conformance.h"

namespace garrison::workspace {

// The engine and the random source must outlive the runner. now() is `now` in every query.
ConformanceRunner make_conformance_runner(engine::Engine& engine, Random& random, DateTime now);

}  // namespace garrison::workspace

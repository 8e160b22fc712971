// SPDX-License-Identifier: Apache-2.0
// Every input format, sorted by name.
#pragma once

#include "ingest/formats/format.h"

namespace garrison::ingest::formats {

extern const Format kAwsCloudTrail;
extern const Format kJson;
extern const Format kLogAnalytics;
extern const Format kWindowsEvents;

}  // namespace garrison::ingest::formats

// SPDX-License-Identifier: Apache-2.0
// Rows of SecurityEvent and Event from Windows events, as Microsoft's agent fills these tables. Stateless.
#pragma once

#include "base/error.h"
#include "ingest/batch_output.h"
#include "ingest/formats/windows_record.h"

namespace garrison::ingest::formats {

// SecurityEvent: every event of the Security channel.
Result<void> add_security_event(BatchOutput& output, const WindowsRecord& record);
// Event: every other channel, with the event's data as XML.
Result<void> add_event(BatchOutput& output, const WindowsRecord& record);

}  // namespace garrison::ingest::formats

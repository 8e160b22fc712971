// SPDX-License-Identifier: Apache-2.0
// Rows of the Device* tables from Sysmon's, Security's and PowerShell's events, with the columns and the ActionType
// values of Microsoft Defender for Endpoint. Stateless.
#pragma once

#include "base/error.h"
#include "ingest/batch_output.h"
#include "ingest/formats/windows_record.h"

namespace garrison::ingest::formats {

// Adds the row that the event stands for, if it stands for one.
Result<void> add_device_row(BatchOutput& output, const WindowsRecord& record);

}  // namespace garrison::ingest::formats

// SPDX-License-Identifier: Apache-2.0
// One row of a Device* table, with what all these tables share. One thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ingest/formats/field_row.h"
#include "ingest/formats/windows_record.h"

namespace garrison::ingest::formats {

class DeviceRow {
 public:
  // Sets device, time, report and action.
  DeviceRow(TableBuilder& builder, const WindowsRecord& record, std::string_view action);

  DeviceRow& set(std::string_view column, std::string_view text);         // '' and "-" set nothing
  DeviceRow& set_number(std::string_view column, std::string_view text);  // decimal or 0x
  // NAME and FolderPath of a file.
  DeviceRow& set_file(std::string_view path);
  // SHA1=..,MD5=..,SHA256=..
  DeviceRow& set_hashes(std::string_view hashes, std::string_view prefix = {});
  // DOMAIN\user into PREFIXAccountDomain and PREFIXAccountName.
  DeviceRow& set_account(std::string_view account, std::string_view prefix = {});
  DeviceRow& set_account(std::string_view domain, std::string_view user, std::string_view prefix);
  DeviceRow& set_initiator(std::string_view image, std::string_view process_id, std::string_view command_line = {});
  // Adds a member of AdditionalFields.
  DeviceRow& add(std::string_view name, std::string_view text);
  void commit();

 private:
  FieldRow row_;
  std::string additional_;
};

// Public, Private, Loopback, LinkLocal, Multicast or '' for text that is no address.
std::string_view ip_type(std::string_view address);

}  // namespace garrison::ingest::formats

// SPDX-License-Identifier: Apache-2.0
#include "ingest/formats/device_row.h"

#include "base/json.h"
#include "base/text.h"
#include "ingest/text_value.h"

namespace garrison::ingest::formats {

DeviceRow::DeviceRow(TableBuilder& builder, const WindowsRecord& record, std::string_view action) : row_(builder) {
  if (record.time) {
    row_.set_integer("TimeGenerated", record.time->ticks);
    row_.set_integer("Timestamp", record.time->ticks);
  }
  const std::string device = text::ascii_lower(record.computer);
  row_.set("DeviceName", device);
  row_.set("DeviceId", device);
  row_.set("ActionType", action);
  row_.set("ReportId", record.record_id);
}

DeviceRow& DeviceRow::set(std::string_view column, std::string_view text) {
  row_.set_present(column, text);
  return *this;
}

DeviceRow& DeviceRow::set_number(std::string_view column, std::string_view text) {
  if (const auto value = parse_integer(text)) row_.set_integer(column, *value);
  return *this;
}

DeviceRow& DeviceRow::set_file(std::string_view path) {
  return set("FileName", base_name(path)).set("FolderPath", path);
}

DeviceRow& DeviceRow::set_hashes(std::string_view hashes, std::string_view prefix) {
  for (const std::string_view part : text::split(hashes, ',')) {
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string name = std::string(prefix) + text::ascii_upper(part.substr(0, equals));
    if (name.ends_with("IMPHASH"))
      add("ImpHash", text::ascii_lower(part.substr(equals + 1)));
    else
      set(name, text::ascii_lower(part.substr(equals + 1)));
  }
  return *this;
}

DeviceRow& DeviceRow::set_account(std::string_view account, std::string_view prefix) {
  const std::size_t slash = account.find('\\');
  if (slash == std::string_view::npos) return set_account({}, account, prefix);
  return set_account(account.substr(0, slash), account.substr(slash + 1), prefix);
}

DeviceRow& DeviceRow::set_account(std::string_view domain, std::string_view user, std::string_view prefix) {
  return set(std::string(prefix) + "AccountDomain", text::ascii_lower(domain))
      .set(std::string(prefix) + "AccountName", text::ascii_lower(user));
}

DeviceRow& DeviceRow::set_initiator(std::string_view image, std::string_view process_id,
                                    std::string_view command_line) {
  return set("InitiatingProcessFileName", base_name(image))
      .set("InitiatingProcessFolderPath", image)
      .set("InitiatingProcessCommandLine", command_line)
      .set_number("InitiatingProcessId", process_id);
}

DeviceRow& DeviceRow::add(std::string_view name, std::string_view text) {
  if (text.empty() || text == "-") return *this;
  additional_ += additional_.empty() ? "{" : ",";
  json::append_quoted(additional_, name);
  additional_ += ':';
  json::append_quoted(additional_, text);
  return *this;
}

void DeviceRow::commit() {
  if (!additional_.empty()) row_.set_json("AdditionalFields", additional_ + '}');
  row_.commit();
}

std::string_view ip_type(std::string_view address) {
  if (address.starts_with("127.") || address == "::1") return "Loopback";
  if (address.starts_with("10.") || address.starts_with("192.168.")) return "Private";
  if (address.starts_with("172.")) {
    const auto second = parse_integer(address.substr(4, address.find('.', 4) - 4));
    return second && *second >= 16 && *second <= 31 ? "Private" : "Public";
  }
  const std::string lower = text::ascii_lower(address.substr(0, 5));
  if (address.starts_with("169.254.") || lower.starts_with("fe80:")) return "LinkLocal";
  if (lower.starts_with("fc") || lower.starts_with("fd")) return "Private";
  if (lower.starts_with("ff")) return "Multicast";
  if (address.find('.') != std::string_view::npos) {
    const auto first = parse_integer(address.substr(0, address.find('.')));
    return first && *first >= 224 && *first <= 239 ? "Multicast" : "Public";
  }
  return address.find(':') != std::string_view::npos ? "Public" : "";
}

}  // namespace garrison::ingest::formats

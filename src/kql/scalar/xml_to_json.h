// SPDX-License-Identifier: Apache-2.0
// XML as a dynamic value, in the form KQL's parse_xml gives: attributes as @name, text beside them as #text, repeated
// elements as arrays, an element of text alone as that text. Stateless; any thread may call.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace garrison::kql {

struct XmlLimits {
  std::size_t max_bytes = 4 << 20;
  std::size_t max_depth = 64;
  std::size_t max_nodes = 100'000;  // elements and attributes
};

// JSON text; none for anything that is not well formed, has a document type, or passes a limit. Entities other than
// the five of XML and character references are refused.
std::optional<std::string> xml_to_json(std::string_view xml, XmlLimits limits = {});

}  // namespace garrison::kql

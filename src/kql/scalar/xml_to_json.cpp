// SPDX-License-Identifier: Apache-2.0
#include "kql/scalar/xml_to_json.h"

#include <expat.h>

#include <memory>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/text.h"

namespace garrison::kql {
namespace {

struct Element {
  std::string name;
  json::object members;
  std::string text;
};

void add_member(json::object& to, std::string_view name, json::value value) {
  auto* present = to.if_contains(name);
  if (present == nullptr) {
    to.emplace(name, std::move(value));
    return;
  }
  // A repeated element: the value becomes an array. Attributes cannot repeat, so an array here is always ours.
  if (present->is_array()) {
    present->get_array().push_back(std::move(value));
    return;
  }
  json::array both;
  both.push_back(std::move(*present));
  both.push_back(std::move(value));
  *present = std::move(both);
}

struct Reader {
  XML_Parser parser = nullptr;
  XmlLimits limits;
  std::size_t num_nodes = 0;
  std::vector<Element> open;
  json::object document;
  bool refused = false;

  void refuse() {
    refused = true;
    XML_StopParser(parser, XML_FALSE);
  }
};

json::value value_of(Element& element) {
  const bool has_text = !text::trim(element.text).empty();
  if (element.members.empty()) return has_text ? json::value(element.text) : json::value(nullptr);
  if (has_text) element.members.emplace("#text", element.text);
  return std::move(element.members);
}

void on_start(void* data, const char* name, const char** attributes) {
  auto& reader = *static_cast<Reader*>(data);
  ++reader.num_nodes;
  if (reader.open.size() >= reader.limits.max_depth || reader.num_nodes > reader.limits.max_nodes)
    return reader.refuse();
  Element element;
  element.name = name;
  for (std::size_t i = 0; attributes[i] != nullptr; i += 2) {
    if (++reader.num_nodes > reader.limits.max_nodes) return reader.refuse();
    element.members.emplace("@" + std::string(attributes[i]), attributes[i + 1]);
  }
  reader.open.push_back(std::move(element));
}

void on_end(void* data, const char*) {
  auto& reader = *static_cast<Reader*>(data);
  if (reader.refused || reader.open.empty()) return;
  Element element = std::move(reader.open.back());
  reader.open.pop_back();
  json::object& parent = reader.open.empty() ? reader.document : reader.open.back().members;
  add_member(parent, element.name, value_of(element));
}

void on_text(void* data, const char* text, int length) {
  auto& reader = *static_cast<Reader*>(data);
  if (!reader.open.empty()) reader.open.back().text.append(text, static_cast<std::size_t>(length));
}

void on_doctype(void* data, const char*, const char*, const char*, int) {
  static_cast<Reader*>(data)->refuse();
}

}  // namespace

std::optional<std::string> xml_to_json(std::string_view xml, XmlLimits limits) {
  xml = text::trim(xml);
  if (xml.empty() || xml.size() > limits.max_bytes) return std::nullopt;
  const std::unique_ptr<XML_ParserStruct, void (*)(XML_Parser)> parser(XML_ParserCreate("UTF-8"), XML_ParserFree);
  if (!parser) return std::nullopt;
  Reader reader;
  reader.parser = parser.get();
  reader.limits = limits;
  XML_SetUserData(parser.get(), &reader);
  XML_SetElementHandler(parser.get(), on_start, on_end);
  XML_SetCharacterDataHandler(parser.get(), on_text);
  XML_SetStartDoctypeDeclHandler(parser.get(), on_doctype);
  XML_SetParamEntityParsing(parser.get(), XML_PARAM_ENTITY_PARSING_NEVER);
  const XML_Status status = XML_Parse(parser.get(), xml.data(), static_cast<int>(xml.size()), 1);
  if (status != XML_STATUS_OK || reader.refused) return std::nullopt;
  return json::print(reader.document);
}

}  // namespace garrison::kql

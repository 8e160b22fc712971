// SPDX-License-Identifier: Apache-2.0
#include "detect/rule_yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cctype>

#include "base/text.h"

namespace garrison::detect {
namespace {

constexpr Timespan kMinFrequency{5 * kTicksPerMinute};
constexpr Timespan kMaxPeriod{14 * kTicksPerDay};
constexpr std::size_t kMaxCustomDetails = 20;

Position position_of(const YAML::Node& node) {
  const YAML::Mark mark = node.Mark();
  if (mark.is_null()) return {1, 1};
  return {static_cast<std::uint32_t>(mark.line + 1), static_cast<std::uint32_t>(mark.column + 1)};
}

// Collects problems while walking the document; each read function leaves a default where the value is wrong.
class Reader {
 public:
  explicit Reader(RuleReading& reading) : reading_(reading) {}

  void problem(std::string code, std::string path, std::string message, Position position) {
    reading_.problems.push_back({std::move(code), std::move(path), std::move(message), position});
  }

  std::string text(const YAML::Node& node, const std::string& path) {
    if (!node || node.IsNull()) return {};
    if (!node.IsScalar()) {
      problem("RULE-0003", path, fmt::format("{} must be text", path), position_of(node));
      return {};
    }
    return node.Scalar();
  }

  std::string required(const YAML::Node& parent, const char* key) {
    const YAML::Node node = parent[key];
    std::string value = text(node, key);
    if (garrison::text::trim(value).empty()) {
      problem("RULE-0002", key, fmt::format("{} is missing; every rule needs it", key), position_of(node ? node : parent));
    }
    return value;
  }

  bool boolean(const YAML::Node& node, const std::string& path, bool otherwise) {
    const std::string value = garrison::text::ascii_lower(text(node, path));
    if (value.empty()) return otherwise;
    if (value == "true") return true;
    if (value == "false") return false;
    problem("RULE-0003", path, fmt::format("{} must be true or false, not '{}'", path, value), position_of(node));
    return otherwise;
  }

  Timespan duration(const YAML::Node& node, const std::string& path, Timespan otherwise) {
    const std::string value = text(node, path);
    if (value.empty()) return otherwise;
    if (const auto span = parse_rule_duration(value)) return *span;
    problem("RULE-0004", path, fmt::format("{} must be a duration such as 1h, 14d or PT5M, not '{}'", path, value),
            position_of(node));
    return otherwise;
  }

  std::vector<std::string> texts(const YAML::Node& node, const std::string& path) {
    std::vector<std::string> out;
    if (!node || node.IsNull()) return out;
    if (!node.IsSequence()) {
      problem("RULE-0003", path, fmt::format("{} must be a list", path), position_of(node));
      return out;
    }
    for (std::size_t i = 0; i < node.size(); ++i) {
      std::string element = text(node[i], fmt::format("{}[{}]", path, i));
      if (!element.empty()) out.push_back(std::move(element));
    }
    return out;
  }

  // A list of maps; anything else is a problem and gives an empty list.
  std::vector<YAML::Node> maps(const YAML::Node& node, const std::string& path) {
    std::vector<YAML::Node> out;
    if (!node || node.IsNull()) return out;
    if (!node.IsSequence()) {
      problem("RULE-0003", path, fmt::format("{} must be a list", path), position_of(node));
      return out;
    }
    for (std::size_t i = 0; i < node.size(); ++i) {
      if (node[i].IsMap()) out.push_back(node[i]);
      else problem("RULE-0003", fmt::format("{}[{}]", path, i), fmt::format("{}[{}] must be a map", path, i), position_of(node[i]));
    }
    return out;
  }

 private:
  RuleReading& reading_;
};

void read_identity(Reader& reader, const YAML::Node& root, Rule& rule) {
  rule.id = RuleId(text::ascii_lower(reader.required(root, "id")));
  const bool is_guid = rule.id.value.size() == 36 && std::all_of(rule.id.value.begin(), rule.id.value.end(), [](char c) {
                         return std::isxdigit(static_cast<unsigned char>(c)) || c == '-';
                       });
  if (!rule.id.empty() && !is_guid) {
    reader.problem("RULE-0005", "id", "id must be a guid such as 0f8fad5b-d9cb-469f-a165-70867728950e", position_of(root["id"]));
  }
  rule.name = reader.required(root, "name");
  rule.description = reader.text(root["description"], "description");
  rule.version = reader.text(root["version"], "version");
  const std::string kind = reader.text(root["kind"], "kind");
  if (kind == "NRT") {
    reader.problem("RULE-0020", "kind", "not supported yet: rules of kind NRT", position_of(root["kind"]));
  } else if (!kind.empty() && kind != "Scheduled") {
    reader.problem("RULE-0006", "kind", fmt::format("kind must be Scheduled, not '{}'", kind), position_of(root["kind"]));
  }
  const std::string severity = reader.required(root, "severity");
  if (const auto parsed = entity::parse_severity(severity)) {
    rule.severity = *parsed;
  } else if (!severity.empty()) {
    reader.problem("RULE-0007", "severity", fmt::format("severity must be High, Medium, Low or Informational, not '{}'", severity),
                   position_of(root["severity"]));
  }
  rule.tactics = reader.texts(root["tactics"], "tactics");
  rule.techniques = reader.texts(root["relevantTechniques"] ? root["relevantTechniques"] : root["techniques"], "relevantTechniques");
  for (const YAML::Node& connector : reader.maps(root["requiredDataConnectors"], "requiredDataConnectors")) {
    rule.connectors.emplace_back(reader.text(connector["connectorId"], "connectorId"),
                                 reader.texts(connector["dataTypes"], "requiredDataConnectors.dataTypes"));
  }
}

void read_schedule(Reader& reader, const YAML::Node& root, Rule& rule) {
  reader.required(root, "queryFrequency");
  reader.required(root, "queryPeriod");
  rule.frequency = reader.duration(root["queryFrequency"], "queryFrequency", rule.frequency);
  rule.period = reader.duration(root["queryPeriod"], "queryPeriod", rule.period);
  const auto in_range = [&](const char* key, Timespan span) {
    if (root[key] && (span < kMinFrequency || span > kMaxPeriod)) {
      reader.problem("RULE-0008", key, fmt::format("{} must be between 5 minutes and 14 days", key), position_of(root[key]));
    }
  };
  in_range("queryFrequency", rule.frequency);
  in_range("queryPeriod", rule.period);
  if (root["queryPeriod"] && rule.period < rule.frequency) {
    reader.problem("RULE-0009", "queryPeriod", "queryPeriod must not be shorter than queryFrequency, or events between the windows are never seen",
                   position_of(root["queryPeriod"]));
  }
  const std::string op = text::ascii_lower(reader.text(root["triggerOperator"], "triggerOperator"));
  if (op.empty() || op == "gt" || op == "greaterthan") rule.trigger = TriggerOperator::kGreaterThan;
  else if (op == "lt" || op == "lessthan") rule.trigger = TriggerOperator::kLessThan;
  else if (op == "eq" || op == "equal") rule.trigger = TriggerOperator::kEqual;
  else if (op == "ne" || op == "notequal") rule.trigger = TriggerOperator::kNotEqual;
  else reader.problem("RULE-0010", "triggerOperator", fmt::format("triggerOperator must be gt, lt, eq or ne, not '{}'", op), position_of(root["triggerOperator"]));
  const std::string threshold = reader.text(root["triggerThreshold"], "triggerThreshold");
  if (!threshold.empty()) {
    const auto [end, code] = std::from_chars(threshold.data(), threshold.data() + threshold.size(), rule.threshold);
    if (code != std::errc() || end != threshold.data() + threshold.size() || rule.threshold < 0 || rule.threshold > 10'000) {
      rule.threshold = 0;
      reader.problem("RULE-0011", "triggerThreshold", "triggerThreshold must be a whole number from 0 to 10,000", position_of(root["triggerThreshold"]));
    }
  }
  rule.suppression = reader.boolean(root["suppressionEnabled"], "suppressionEnabled", false);
  rule.suppression_duration = reader.duration(root["suppressionDuration"], "suppressionDuration", rule.suppression_duration);
  if (rule.suppression_duration.ticks > kTicksPerDay) {
    reader.problem("RULE-0008", "suppressionDuration", "suppressionDuration must be at most 24 hours", position_of(root["suppressionDuration"]));
  }
}

void read_query(Reader& reader, const YAML::Node& root, std::string_view yaml, RuleReading& reading) {
  reading.rule.query = reader.required(root, "query");
  if (text::num_characters(reading.rule.query) > kMaxQueryCharacters) {
    reader.problem("RULE-0012", "query", "query must have at most 10,000 characters", position_of(root["query"]));
  }
  reading.query_position = root["query"] ? position_of(root["query"]) : Position{1, 1};
  // A block scalar (query: |) starts on the line after its mark, indented.
  const auto lines = text::split(yaml, '\n');
  const std::size_t mark_line = reading.query_position.line - 1;
  if (mark_line >= lines.size()) return;
  const std::string_view head = text::trim(lines[mark_line]);
  if (!head.ends_with('|') && !head.ends_with("|-") && !head.ends_with("|+") && !head.ends_with('>')) return;
  for (std::size_t i = mark_line + 1; i < lines.size(); ++i) {
    if (text::trim(lines[i]).empty()) continue;
    reading.query_indent = static_cast<std::uint32_t>(lines[i].find_first_not_of(' '));
    reading.query_position = {static_cast<std::uint32_t>(mark_line + 2), reading.query_indent + 1};
    return;
  }
}

void read_entities(Reader& reader, const YAML::Node& root, Rule& rule) {
  const YAML::Node list = root["entityMappings"];
  const auto mappings = reader.maps(list, "entityMappings");
  if (mappings.size() > entity::kMaxMappings) {
    reader.problem("RULE-0013", "entityMappings", "at most 10 entity mappings are allowed", position_of(list));
  }
  for (std::size_t m = 0; m < mappings.size(); ++m) {
    const std::string path = fmt::format("entityMappings[{}]", m);
    const std::string type = reader.text(mappings[m]["entityType"], path + ".entityType");
    const auto kind = entity::parse_entity_kind(type);
    if (!kind) {
      reader.problem("RULE-0014", path + ".entityType", fmt::format("unknown entity type '{}'", type), position_of(mappings[m]));
      continue;
    }
    entity::EntityMapping mapping{*kind, {}};
    const auto fields = reader.maps(mappings[m]["fieldMappings"], path + ".fieldMappings");
    if (fields.empty() || fields.size() > entity::kMaxIdentifiers) {
      reader.problem("RULE-0015", path + ".fieldMappings", "an entity mapping needs one to three identifiers", position_of(mappings[m]));
    }
    for (std::size_t f = 0; f < fields.size(); ++f) {
      const std::string field_path = fmt::format("{}.fieldMappings[{}]", path, f);
      const std::string identifier = reader.text(fields[f]["identifier"], field_path + ".identifier");
      const auto known = entity::identifiers(*kind);
      const auto found = std::find_if(known.begin(), known.end(), [&](std::string_view name) { return text::iequals(name, identifier); });
      if (found == known.end()) {
        reader.problem("RULE-0016", field_path + ".identifier",
                       fmt::format("'{}' is not an identifier of {}", identifier, entity::to_string(*kind)), position_of(fields[f]));
        continue;
      }
      mapping.fields.push_back({std::string(*found), reader.text(fields[f]["columnName"], field_path + ".columnName")});
    }
    rule.entity_mappings.push_back(std::move(mapping));
  }
}

void read_details(Reader& reader, const YAML::Node& root, Rule& rule) {
  if (const YAML::Node details = root["customDetails"]; details && details.IsMap()) {
    for (const auto& entry : details) {
      rule.custom_details.emplace_back(entry.first.Scalar(), reader.text(entry.second, "customDetails." + entry.first.Scalar()));
    }
    if (rule.custom_details.size() > kMaxCustomDetails) {
      reader.problem("RULE-0017", "customDetails", "at most 20 custom details are allowed", position_of(details));
    }
  } else if (details && !details.IsNull()) {
    reader.problem("RULE-0003", "customDetails", "customDetails must be a map", position_of(details));
  }
  if (const YAML::Node change = root["alertDetailsOverride"]; change && change.IsMap()) {
    rule.alert_override.display_name_format = reader.text(change["alertDisplayNameFormat"], "alertDisplayNameFormat");
    rule.alert_override.description_format = reader.text(change["alertDescriptionFormat"], "alertDescriptionFormat");
    rule.alert_override.tactics_column = reader.text(change["alertTacticsColumnName"], "alertTacticsColumnName");
    rule.alert_override.severity_column = reader.text(change["alertSeverityColumnName"], "alertSeverityColumnName");
  }
  if (const YAML::Node grouping = root["eventGroupingSettings"]; grouping && grouping.IsMap()) {
    const std::string kind = reader.text(grouping["aggregationKind"], "eventGroupingSettings.aggregationKind");
    rule.alert_per_result = text::iequals(kind, "AlertPerResult");
    if (!rule.alert_per_result && !kind.empty() && !text::iequals(kind, "SingleAlert")) {
      reader.problem("RULE-0018", "eventGroupingSettings.aggregationKind",
                     fmt::format("aggregationKind must be SingleAlert or AlertPerResult, not '{}'", kind), position_of(grouping));
    }
  }
}

void read_incident(Reader& reader, const YAML::Node& root, Rule& rule) {
  const YAML::Node node = root["incidentConfiguration"];
  if (!node || !node.IsMap()) return;
  rule.incident.create_incident = reader.boolean(node["createIncident"], "incidentConfiguration.createIncident", true);
  const YAML::Node grouping = node["groupingConfiguration"];
  if (!grouping || !grouping.IsMap()) return;
  const std::string path = "incidentConfiguration.groupingConfiguration";
  rule.incident.grouping = reader.boolean(grouping["enabled"], path + ".enabled", false);
  rule.incident.reopen_closed = reader.boolean(grouping["reopenClosedIncident"], path + ".reopenClosedIncident", false);
  rule.incident.lookback = reader.duration(grouping["lookbackDuration"], path + ".lookbackDuration", rule.incident.lookback);
  const std::string method = reader.text(grouping["matchingMethod"] ? grouping["matchingMethod"] : grouping["entitiesMatchingMethod"], path + ".matchingMethod");
  if (text::iequals(method, "AnyAlert") || text::iequals(method, "None")) rule.incident.matching = entity::Matching::kAnyAlert;
  else if (text::iequals(method, "Selected") || text::iequals(method, "Custom")) rule.incident.matching = entity::Matching::kSelected;
  else if (!method.empty() && !text::iequals(method, "AllEntities") && !text::iequals(method, "All")) {
    reader.problem("RULE-0019", path + ".matchingMethod", fmt::format("matchingMethod must be AllEntities, AnyAlert or Selected, not '{}'", method), position_of(grouping));
  }
  for (const std::string& name : reader.texts(grouping["groupByEntities"], path + ".groupByEntities")) {
    if (const auto kind = entity::parse_entity_kind(name)) rule.incident.by_entities.push_back(*kind);
    else reader.problem("RULE-0014", path + ".groupByEntities", fmt::format("unknown entity type '{}'", name), position_of(grouping));
  }
  for (const std::string& name : reader.texts(grouping["groupByAlertDetails"], path + ".groupByAlertDetails")) {
    rule.incident.by_display_name |= text::iequals(name, "DisplayName");
    rule.incident.by_severity |= text::iequals(name, "Severity");
  }
  rule.incident.by_custom_details = reader.texts(grouping["groupByCustomDetails"], path + ".groupByCustomDetails");
}

}  // namespace

std::optional<Timespan> parse_rule_duration(std::string_view value) {
  const std::string_view trimmed = text::trim(value);
  if (auto iso = parse_iso_duration(trimmed)) return iso;
  if (trimmed.size() < 2) return std::nullopt;
  std::int64_t number = 0;
  const auto [end, code] = std::from_chars(trimmed.data(), trimmed.data() + trimmed.size(), number);
  if (code != std::errc() || number < 0 || number > 100'000) return std::nullopt;
  const std::string_view unit(end, static_cast<std::size_t>(trimmed.data() + trimmed.size() - end));
  if (unit == "m") return Timespan{number * kTicksPerMinute};
  if (unit == "h") return Timespan{number * kTicksPerHour};
  if (unit == "d") return Timespan{number * kTicksPerDay};
  if (unit == "s") return Timespan{number * kTicksPerSecond};
  if (unit.size() == 6 && unit[0] == ':' && unit[3] == ':') {
    int minutes = 0, seconds = 0;
    std::from_chars(unit.data() + 1, unit.data() + 3, minutes);
    std::from_chars(unit.data() + 4, unit.data() + 6, seconds);
    return Timespan{number * kTicksPerHour + minutes * kTicksPerMinute + seconds * kTicksPerSecond};
  }
  return std::nullopt;
}

RuleReading read_rule(std::string_view yaml) {
  RuleReading reading;
  Reader reader(reading);
  if (yaml.size() > kMaxRuleBytes) {
    reader.problem("RULE-0001", "", fmt::format("the rule has {} bytes; at most {} are read", yaml.size(), kMaxRuleBytes), {1, 1});
    return reading;
  }
  try {
    const YAML::Node root = YAML::Load(std::string(yaml));
    if (!root.IsMap()) {
      reader.problem("RULE-0001", "", "a rule is a YAML map with id, name, query and so on", {1, 1});
      return reading;
    }
    read_identity(reader, root, reading.rule);
    read_schedule(reader, root, reading.rule);
    read_query(reader, root, yaml, reading);
    read_entities(reader, root, reading.rule);
    read_details(reader, root, reading.rule);
    read_incident(reader, root, reading.rule);
  } catch (const YAML::Exception& broken) {
    reader.problem("RULE-0001", "", fmt::format("not YAML: {}", broken.msg),
                   {static_cast<std::uint32_t>(broken.mark.line + 1), static_cast<std::uint32_t>(broken.mark.column + 1)});
  }
  std::stable_sort(reading.problems.begin(), reading.problems.end(), [](const RuleProblem& a, const RuleProblem& b) {
    return std::pair(a.position.line, a.position.column) < std::pair(b.position.line, b.position.column);
  });
  return reading;
}

Result<Rule> parse_rule(std::string_view yaml) {
  RuleReading reading = read_rule(yaml);
  if (reading.problems.empty()) return std::move(reading.rule);
  const RuleProblem& first = reading.problems.front();
  if (first.code == "RULE-0020") return unsupported(first.code, first.message, first.position);
  return bad_input(first.code, first.message, first.position);
}

}  // namespace garrison::detect

// SPDX-License-Identifier: Apache-2.0
#include "demo/event_template.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/json.h"
#include "base/text.h"
#include "demo/yaml_reader.h"

namespace garrison::demo {
namespace {

void set_member(TemplateNode& map, const std::string& name, TemplateNode value) {
  for (auto& [known, node] : map.members) {
    if (known != name) continue;
    node = std::move(value);
    return;
  }
  map.members.emplace_back(name, std::move(value));
}

TemplateNode read_node(const YAML::Node& node) {
  TemplateNode out;
  if (node.IsMap()) {
    out.kind = TemplateNode::Kind::kMap;
    // The parser leaves the merge key to its users.
    if (const YAML::Node base = node["<<"]) out.members = read_node(base).members;
    for (const auto& member : node)
      if (member.first.Scalar() != "<<") set_member(out, member.first.Scalar(), read_node(member.second));
  } else if (node.IsSequence()) {
    out.kind = TemplateNode::Kind::kList;
    for (const YAML::Node& element : node) out.members.emplace_back(std::string(), read_node(element));
  } else {
    out.text = node.IsNull() ? "null" : node.Scalar();
    out.is_plain = node.IsNull() || node.Tag() == "?";
  }
  return out;
}

Result<TimespanRange> read_range(const YAML::Node& node, TimespanRange otherwise) {
  if (!node) return otherwise;
  const std::string text = node.Scalar();
  const std::size_t dots = text.find("..");
  const auto least = parse_span(std::string_view(text).substr(0, dots));
  const auto most = dots == std::string::npos ? least : parse_span(std::string_view(text).substr(dots + 2));
  if (!least || !most || *most < *least)
    return yaml_error(node, fmt::format("'{}' is no length of time such as 5s or 1m..10m", text));
  return TimespanRange{*least, *most};
}

Result<Activity> read_activity(const YAML::Node& node) {
  Activity activity;
  activity.name = node["name"].as<std::string>();
  const std::string per = node["per"].as<std::string>("company");
  if (per == "user")
    activity.per = Activity::Per::kUser;
  else if (per == "it user")
    activity.per = Activity::Per::kItUser;
  else if (per == "server")
    activity.per = Activity::Per::kServer;
  else if (per == "company")
    activity.per = Activity::Per::kCompany;
  else
    return yaml_error(node["per"], fmt::format("per is user, it user, server or company, not '{}'", per));
  activity.role = node["role"].as<std::string>("");
  activity.per_hour = node["per_hour"].as<double>(0);
  activity.around_the_clock = node["around_the_clock"].as<bool>(false);
  activity.repeat = node["repeat"].as<int>(1);
  GARRISON_ASSIGN(const TimespanRange before, read_range(node["before_end"], {}));
  activity.before_end = before.least;
  GARRISON_ASSIGN(activity.every, read_range(node["every"], {}));
  for (const YAML::Node& event : node["events"]) {
    EventTemplate entry;
    entry.stream = event["stream"].as<std::string>();
    GARRISON_ASSIGN(entry.after, read_range(event["after"], {}));
    entry.fields = read_node(event["fields"]);
    if (entry.fields.kind != TemplateNode::Kind::kMap) return yaml_error(event, "fields must be a map");
    activity.events.push_back(std::move(entry));
  }
  if (activity.events.empty()) return yaml_error(node, "an activity needs events");
  return activity;
}

// Numbers and truth values stay bare when they were written bare; drawn numbers too.
bool is_bare(const TemplateNode& node, std::string_view value) {
  if (!node.is_plain || value.empty()) return false;
  if (node.text == "true" || node.text == "false" || node.text == "null") return true;
  const bool is_drawn = node.text.starts_with("${int:") || node.text.starts_with("${pick:") || node.text == "${n}" ||
                        node.text == "${it.pid}";
  if (node.text.find("${") != std::string::npos && !is_drawn) return false;
  double number = 0;
  const auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), number);
  return code == std::errc() && end == value.data() + value.size();
}

Error unknown(std::string_view placeholder) {
  return corrupt("DEMO-0002", fmt::format("unknown placeholder ${{{}}}", placeholder));
}

}  // namespace

Result<std::vector<Activity>> parse_activities(std::string_view yaml, std::string_view key) {
  std::vector<Activity> activities;
  GARRISON_TRY(with_yaml(yaml, [&](const YAML::Node& root) -> Result<void> {
    const YAML::Node list = root[std::string(key)];
    if (!list || !list.IsSequence()) return yaml_error(root, fmt::format("{} must be a list", key));
    for (const YAML::Node& node : list) {
      GARRISON_ASSIGN(Activity activity, read_activity(node));
      activities.push_back(std::move(activity));
    }
    return {};
  }));
  return activities;
}

Result<std::vector<std::string>> parse_text_list(std::string_view yaml, std::string_view key) {
  std::vector<std::string> texts;
  GARRISON_TRY(with_yaml(yaml, [&](const YAML::Node& root) -> Result<void> {
    for (const YAML::Node& element : root[std::string(key)]) texts.push_back(element.Scalar());
    return {};
  }));
  return texts;
}

Result<void> TemplateFiller::append_event(std::string& out, const EventTemplate& event, DateTime at, int number,
                                          const Scope& scope) {
  out += R"({"TimeGenerated":)";
  json::append_quoted(out, format_iso(at));
  for (const auto& [name, node] : event.fields.members) {
    out += ',';
    json::append_quoted(out, name);
    out += ':';
    GARRISON_TRY(append_node(out, node, at, number, scope));
  }
  out += '}';
  return {};
}

Result<void> TemplateFiller::append_node(std::string& out, const TemplateNode& node, DateTime at, int number,
                                         const Scope& scope) {
  if (node.kind == TemplateNode::Kind::kScalar) {
    GARRISON_ASSIGN(const std::string value, fill(node.text, at, number, scope));
    if (is_bare(node, value))
      out += value;
    else
      json::append_quoted(out, value);
    return {};
  }
  const bool is_map = node.kind == TemplateNode::Kind::kMap;
  out += is_map ? '{' : '[';
  bool is_first = true;
  for (const auto& [name, member] : node.members) {
    if (!is_first) out += ',';
    is_first = false;
    if (is_map) {
      json::append_quoted(out, name);
      out += ':';
    }
    GARRISON_TRY(append_node(out, member, at, number, scope));
  }
  out += is_map ? '}' : ']';
  return {};
}

Result<std::string> TemplateFiller::fill(std::string_view text, DateTime at, int number, const Scope& scope) {
  std::string out;
  std::size_t start = 0;
  for (std::size_t open = text.find("${"); open != std::string_view::npos; open = text.find("${", start)) {
    const std::size_t close = text.find('}', open);
    if (close == std::string_view::npos) break;
    out += text.substr(start, open - start);
    GARRISON_ASSIGN(const std::string value, value_of(text.substr(open + 2, close - open - 2), at, number, scope));
    out += value;
    start = close + 1;
  }
  out += text.substr(start);
  return out;
}

Result<std::string> TemplateFiller::value_of(std::string_view placeholder, DateTime at, int number,
                                             const Scope& scope) {
  if (placeholder == "n") return std::to_string(number);
  if (placeholder == "guid") return random_.guid();
  if (placeholder == "outside") return outside_address(random_);
  if (placeholder == "time") return format_iso(at);
  if (const std::size_t colon = placeholder.find(':'); colon != std::string_view::npos) {
    const std::string_view kind = placeholder.substr(0, colon);
    const std::string_view argument = placeholder.substr(colon + 1);
    if (kind == "pick") {
      const auto choices = text::split(argument, '|');
      return std::string(choices[random_.below(choices.size())]);
    }
    if (kind == "list") {
      const auto found = company_.lists.find(std::string(argument));
      if (found == company_.lists.end()) return unknown(placeholder);
      // Entries may have placeholders of their own.
      return fill(found->second[random_.below(found->second.size())], at, number, scope);
    }
    const std::size_t dash = argument.find('-');
    std::uint64_t least = 0;
    std::uint64_t most = 0;
    std::from_chars(argument.data(), argument.data() + argument.size(), least);
    if (kind == "hex") return text::hex(random_.bytes(static_cast<std::size_t>(least) / 2));
    if (kind == "int" && dash != std::string_view::npos) {
      std::from_chars(argument.data() + dash + 1, argument.data() + argument.size(), most);
      if (most >= least) return std::to_string(least + random_.below(most - least + 1));
    }
    return unknown(placeholder);
  }
  const std::size_t dot = placeholder.find('.');
  for (const auto& [name, properties] : scope) {
    if (dot == std::string_view::npos || placeholder.substr(0, dot) != name) continue;
    const auto found = properties->find(placeholder.substr(dot + 1));
    if (found != properties->end()) return found->second;
  }
  return unknown(placeholder);
}

}  // namespace garrison::demo

// SPDX-License-Identifier: Apache-2.0
#include "demo/company.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "demo/yaml_reader.h"

namespace garrison::demo {
namespace {

std::vector<std::string> texts(const YAML::Node& node) {
  std::vector<std::string> out;
  for (const YAML::Node& element : node) out.push_back(element.Scalar());
  return out;
}

Result<void> read_company(const YAML::Node& root, Company& company) {
  for (const char* key :
       {"facts", "first_names", "last_names", "departments", "servers", "countries", "hours", "lists"})
    if (!root[key]) return yaml_error(root, fmt::format("{} is missing", key));
  for (const auto& fact : root["facts"]) company.facts[fact.first.Scalar()] = fact.second.Scalar();
  company.first_names = texts(root["first_names"]);
  company.last_names = texts(root["last_names"]);
  company.countries = texts(root["countries"]);
  for (const YAML::Node& node : root["departments"]) {
    company.departments.push_back(
        {node["name"].as<std::string>(), texts(node["titles"]), node["people"].as<int>(), node["it"].as<bool>(false)});
    if (company.departments.back().titles.empty()) return yaml_error(node, "a department needs titles");
  }
  for (const YAML::Node& node : root["servers"])
    company.servers.push_back(
        {node["prefix"].as<std::string>(), node["role"].as<std::string>(), node["count"].as<int>(1)});
  if (root["hours"].size() != company.hours.size()) return yaml_error(root["hours"], "hours needs 24 numbers");
  for (std::size_t hour = 0; hour < company.hours.size(); ++hour)
    company.hours[hour] = root["hours"][hour].as<double>();
  for (const auto& list : root["lists"]) {
    company.lists[list.first.Scalar()] = texts(list.second);
    if (list.second.size() == 0) return yaml_error(list.second, "a list must not be empty");
  }
  if (company.first_names.empty() || company.last_names.empty() || company.countries.empty())
    return yaml_error(root, "first_names, last_names and countries must not be empty");
  return {};
}

const std::string& pick(const std::vector<std::string>& values, Random& random) {
  return values[random.below(values.size())];
}

std::string fact(const Company& company, std::string_view name) {
  const auto found = company.facts.find(name);
  return found == company.facts.end() ? std::string() : found->second;
}

// Serial-like: no two machines share it.
std::string host_name(Random& random, std::set<std::string>& taken) {
  for (;;) {
    std::string name = fmt::format("nb-{:04x}", random.below(0x10000));
    if (taken.insert(name).second) return name;
  }
}

Properties make_user(const Company& company, const Department& department, const std::string& domain_sid,
                     std::set<std::string>& logins, Random& random) {
  Properties user;
  std::string login;
  do {
    user["first"] = pick(company.first_names, random);
    user["last"] = pick(company.last_names, random);
    login = text::ascii_lower(fmt::format("{}.{}", user["first"], user["last"]));
  } while (!logins.insert(login).second);
  user["login"] = login;
  user["name"] = fmt::format("{} {}", user["first"], user["last"]);
  user["upn"] = fmt::format("{}@{}", login, fact(company, "domain"));
  user["id"] = random.guid();
  user["sid"] = fmt::format("{}-{}", domain_sid, 1100 + logins.size());
  user["department"] = department.name;
  user["title"] = pick(department.titles, random);
  user["is_it"] = department.is_it ? "1" : "0";
  user["home_ip"] = outside_address(random);
  // Most people work where the company is.
  user["country"] = random.below(100) < 85 ? company.countries.front() : pick(company.countries, random);
  return user;
}

}  // namespace

Result<Company> parse_company(std::string_view yaml) {
  Company company;
  GARRISON_TRY(with_yaml(yaml, [&](const YAML::Node& root) { return read_company(root, company); }));
  return company;
}

std::string outside_address(Random& random) {
  // 198.18.0.0/15 for half of them, the documentation ranges for the rest.
  switch (random.below(4)) {
    case 0:
      return fmt::format("203.0.113.{}", 1 + random.below(254));
    case 1:
      return fmt::format("198.51.100.{}", 1 + random.below(254));
    default:
      return fmt::format("198.{}.{}.{}", 18 + random.below(2), random.below(256), 1 + random.below(254));
  }
}

Cast make_cast(const Company& company, Random& random) {
  Cast cast;
  cast.company = company.facts;
  cast.company["egress_ip"] = outside_address(random);
  cast.company["tenant_id"] = random.guid();
  cast.company["subscription"] = random.guid();
  const std::string domain_sid =
      fmt::format("S-1-5-21-{}-{}-{}", 100'000'000 + random.below(900'000'000), 100'000'000 + random.below(900'000'000),
                  100'000'000 + random.below(900'000'000));
  cast.company["sid"] = domain_sid;
  std::set<std::string> logins;
  std::set<std::string> names;
  for (const Department& department : company.departments) {
    for (int i = 0; i < department.num_people; ++i) {
      cast.users.push_back(make_user(company, department, domain_sid, logins, random));
      Properties host;
      host["name"] = host_name(random, names);
      host["fqdn"] = fmt::format("{}.{}", host["name"], fact(company, "ad_domain"));
      host["ip"] = fmt::format("10.20.{}.{}", cast.users.size() / 200, 10 + cast.users.size() % 200);
      host["id"] = text::hex(random.bytes(20));
      cast.hosts.push_back(std::move(host));
    }
  }
  for (const ServerKind& kind : company.servers) {
    for (int i = 1; i <= kind.count; ++i) {
      Properties server;
      server["name"] = fmt::format("{}{:02}", kind.prefix, i);
      server["fqdn"] = fmt::format("{}.{}", server["name"], fact(company, "ad_domain"));
      server["ip"] = fmt::format("10.10.0.{}", 10 + cast.servers.size());
      server["id"] = text::hex(random.bytes(20));
      server["role"] = kind.role;
      cast.servers.push_back(std::move(server));
    }
  }
  return cast;
}

}  // namespace garrison::demo

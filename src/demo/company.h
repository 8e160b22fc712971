// SPDX-License-Identifier: Apache-2.0
// Who works at the company and on what machines. Company is what the file says; Cast is what a seed makes of it. Plain
// values.
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/random.h"

namespace garrison::demo {

// What a template may name of one person, machine or role: "upn", "ip", "fqdn" ...
using Properties = std::map<std::string, std::string, std::less<>>;

struct Department {
  std::string name;
  std::vector<std::string> titles;
  int num_people = 0;
  bool is_it = false;
};

struct ServerKind {
  std::string prefix;  // "dc" gives dc01, dc02 ...
  std::string role;    // "domain controller"; activities choose servers by it
  int count = 1;
};

struct Company {
  Properties facts;  // name, domain, netbios, tenant domain ...
  std::vector<std::string> first_names;
  std::vector<std::string> last_names;
  std::vector<Department> departments;
  std::vector<ServerKind> servers;
  std::vector<std::string> countries;                     // from which people sign in; the first is home
  std::array<double, 24> hours{};                         // how busy each hour of the day (UTC) is, 1 is a full hour
  std::map<std::string, std::vector<std::string>> lists;  // values for ${list:NAME}
};

struct Cast {
  Properties company;
  std::vector<Properties> users;
  std::vector<Properties> hosts;  // one a user, in the same order
  std::vector<Properties> servers;
};

// DEMO-0001 (kCorrupt) with the line.
Result<Company> parse_company(std::string_view yaml);
Cast make_cast(const Company& company, Random& random);
// A public address that belongs to nobody (documentation and benchmarking ranges).
std::string outside_address(Random& random);

}  // namespace garrison::demo

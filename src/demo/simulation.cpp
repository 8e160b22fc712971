// SPDX-License-Identifier: Apache-2.0
#include "demo/simulation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace garrison::demo {
namespace {

// One run: the people, what they did so far, and the dice.
class Day {
 public:
  Day(const Company& company, const GenerateOptions& options)
      : company_(company),
        random_(options.seed),
        end_(options.end),
        cast_(make_cast(company, random_)),
        filler_(company_, cast_, random_) {}

  Result<void> live(const Activity& activity) {
    for (std::size_t actor = 0; actor < num_actors(activity); ++actor) {
      if (!takes_part(activity, actor)) continue;
      for (int hour = 0; hour < 24; ++hour) {
        const DateTime start = end_ - Timespan{(24 - hour) * kTicksPerHour};
        const double weight =
            activity.around_the_clock ? 1 : company_.hours[static_cast<std::size_t>(to_calendar(start).hour)];
        for (int i = poisson(activity.per_hour * weight); i > 0; --i)
          GARRISON_TRY(perform(activity, actor,
                               start + Timespan{static_cast<std::int64_t>(random_.below(kTicksPerHour))}, i, {}));
      }
    }
    return {};
  }

  // The attack has one victim, one administrator and one attacker throughout.
  Result<void> attack(const std::vector<Activity>& stages) {
    const std::size_t victim = choose_user("0");
    const std::size_t admin = choose_user("1");
    const std::size_t dc = choose_server("domain controller");
    const std::size_t files = choose_server("file server");
    const Properties attacker = make_attacker();
    const Scope scope = {{"victim", &cast_.users[victim]}, {"victim_host", &cast_.hosts[victim]},
                         {"admin", &cast_.users[admin]},   {"admin_host", &cast_.hosts[admin]},
                         {"dc", &cast_.servers[dc]},       {"files", &cast_.servers[files]},
                         {"attacker", &attacker}};
    for (const Activity& stage : stages) {
      DateTime at = end_ - stage.before_end;
      for (int i = 0; i < stage.repeat; ++i) {
        const std::size_t actor =
            stage.per == Activity::Per::kUser ? static_cast<std::size_t>(i) % cast_.users.size() : 0;
        GARRISON_TRY(perform(stage, actor, at, i, scope));
        at = at + draw(stage.every);
      }
    }
    return {};
  }

  Result<void> send(const Simulation::Sink& sink) {
    for (auto& [stream, events] : streams_) {
      std::stable_sort(events.begin(), events.end(), [](const Event& a, const Event& b) { return a.at < b.at; });
      EventBatch batch{stream, "[", 0};
      for (const Event& event : events) {
        if (batch.num_events > 0 && batch.json.size() + event.json.size() + 2 > kMaxBatchBytes) {
          batch.json += ']';
          GARRISON_TRY(sink(std::move(batch)));
          batch = {stream, "[", 0};
        }
        if (batch.num_events > 0) batch.json += ',';
        batch.json += event.json;
        ++batch.num_events;
      }
      batch.json += ']';
      GARRISON_TRY(sink(std::move(batch)));
    }
    return {};
  }

 private:
  struct Event {
    DateTime at;
    std::string json;
  };

  std::size_t num_actors(const Activity& activity) const {
    switch (activity.per) {
      case Activity::Per::kUser:
      case Activity::Per::kItUser:
        return cast_.users.size();
      case Activity::Per::kServer:
        return cast_.servers.size();
      case Activity::Per::kCompany:
        return 1;
    }
    return 0;
  }

  bool takes_part(const Activity& activity, std::size_t actor) const {
    if (activity.per == Activity::Per::kItUser) return cast_.users[actor].at("is_it") == "1";
    if (activity.per == Activity::Per::kServer && !activity.role.empty())
      return cast_.servers[actor].at("role") == activity.role;
    return true;
  }

  Result<void> perform(const Activity& activity, std::size_t actor, DateTime at, int number, const Scope& more) {
    const bool is_user = activity.per == Activity::Per::kUser || activity.per == Activity::Per::kItUser;
    const std::size_t user = is_user ? actor : random_.below(cast_.users.size());
    const std::size_t other = random_.below(cast_.users.size());
    const std::size_t server = activity.per == Activity::Per::kServer ? actor : random_.below(cast_.servers.size());
    // What the events of one occurrence share.
    const Properties it = {{"id", random_.guid()},
                           {"pid", std::to_string(1000 + 4 * random_.below(4000))},
                           {"hex", text::hex(random_.bytes(4))},
                           {"port", std::to_string(49152 + random_.below(16000))},
                           {"address", outside_address(random_)}};
    Scope scope = {{"company", &cast_.company},
                   {"user", &cast_.users[user]},
                   {"host", &cast_.hosts[user]},
                   {"other", &cast_.users[other]},
                   {"other_host", &cast_.hosts[other]},
                   {"server", &cast_.servers[server]},
                   {"it", &it}};
    scope.insert(scope.end(), more.begin(), more.end());
    for (const EventTemplate& event : activity.events) {
      const DateTime when = at + draw(event.after);
      if (when >= end_) continue;  // not happened yet
      Event made{when, {}};
      const auto appended = filler_.append_event(made.json, event, when, number, scope);
      if (!appended.ok())
        return corrupt(appended.error().code, fmt::format("{}: {}", activity.name, appended.error().message));
      streams_[event.stream].push_back(std::move(made));
    }
    return {};
  }

  Timespan draw(const TimespanRange& range) {
    return {range.least.ticks + static_cast<std::int64_t>(random_.below(
                                    static_cast<std::uint64_t>(range.most.ticks - range.least.ticks) + 1))};
  }

  double fraction() { return static_cast<double>(random_.below(1'000'000)) / 1e6; }

  // Knuth's method; means are below a few hundred.
  int poisson(double mean) {
    const double limit = std::exp(-mean);
    int count = 0;
    for (double product = fraction(); product > limit; product *= fraction()) ++count;
    return count;
  }

  std::size_t choose_user(std::string_view is_it) {
    for (;;) {
      const std::size_t user = random_.below(cast_.users.size());
      if (cast_.users[user].at("is_it") == is_it) return user;
    }
  }

  std::size_t choose_server(std::string_view role) {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < cast_.servers.size(); ++i)
      if (cast_.servers[i].at("role") == role) found.push_back(i);
    return found.empty() ? 0 : found[random_.below(found.size())];
  }

  Properties make_attacker() {
    const auto of = [&](const char* list) {
      const auto found = company_.lists.find(list);
      return found == company_.lists.end() ? std::string() : found->second[random_.below(found->second.size())];
    };
    return {{"ip", outside_address(random_)},
            {"country", of("attacker_countries")},
            {"c2_ip", outside_address(random_)},
            {"c2_host", of("attacker_hosts")},
            {"drop_ip", outside_address(random_)},
            {"drop_host", of("drop_hosts")},
            {"mail", of("attacker_mails")},
            {"app", of("attacker_apps")},
            {"app_id", random_.guid()},
            {"tool", of("attacker_tools")},
            {"service", of("attacker_services")},
            {"document", of("attacker_documents")},
            {"account", of("attacker_accounts")},
            {"code", text::base64(random_.bytes(180))}};
  }

  const Company& company_;
  SeededRandom random_;
  DateTime end_;
  Cast cast_;
  TemplateFiller filler_;
  std::map<std::string, std::vector<Event>> streams_;
};

}  // namespace

Result<Simulation> Simulation::open(Disk& disk, const std::string& folder) {
  const auto in = [&](const char* file, const Error& error) {
    return Error(corrupt(error.code, fmt::format("{}/{}: {}", folder, file, error.message)));
  };
  GARRISON_ASSIGN(const std::string company, disk.read_file(folder + "/company.yaml"));
  GARRISON_ASSIGN(const std::string day, disk.read_file(folder + "/day.yaml"));
  GARRISON_ASSIGN(const std::string attack, disk.read_file(folder + "/attack.yaml"));
  Simulation simulation;
  auto parsed_company = parse_company(company);
  if (!parsed_company.ok()) return in("company.yaml", parsed_company.error());
  auto parsed_day = parse_activities(day, "activities");
  if (!parsed_day.ok()) return in("day.yaml", parsed_day.error());
  auto parsed_attack = parse_activities(attack, "stages");
  if (!parsed_attack.ok()) return in("attack.yaml", parsed_attack.error());
  auto expected = parse_text_list(attack, "expected");
  if (!expected.ok()) return in("attack.yaml", expected.error());
  simulation.company_ = std::move(*parsed_company);
  simulation.day_ = std::move(*parsed_day);
  simulation.attack_ = std::move(*parsed_attack);
  simulation.expected_ = std::move(*expected);
  return simulation;
}

Result<void> Simulation::generate(const GenerateOptions& options, const Sink& sink) const {
  Day day(company_, options);
  for (const Activity& activity : day_) GARRISON_TRY(day.live(activity));
  if (options.attack == Attack::kIncluded) GARRISON_TRY(day.attack(attack_));
  return day.send(sink);
}

}  // namespace garrison::demo

// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>
#include <optional>

#include "base/text.h"
#include "kql/scalar/all.h"
#include "kql/scalar/datetime_format.h"
#include "kql/scalar/entry.h"

namespace garrison::kql {
namespace {

enum class Unit { kDay, kWeek, kMonth, kYear };
enum class Edge { kStart, kEnd };

// First instant of the unit `offset` units after the one that holds the datetime. Ticks where the length is fixed: the
// engine's own toStartOf functions wrap outside 1970 to 2106.
Result<Scalar> start_of(LoweringContext& context, Unit unit, Arguments a) {
  const std::string at = context.bind(a[0].sql);
  const std::string offset = a.size() > 1 ? fmt::format("ifNull({}, 0)", int64_sql(a[1])) : "0";
  const std::string ticks = ticks_of(at);
  if (unit == Unit::kDay || unit == Unit::kWeek) {
    const std::int64_t length = unit == Unit::kDay ? kTicksPerDay : 7 * kTicksPerDay;
    // Year 1 began on a Monday, weeks begin on Sunday.
    const std::int64_t shift = unit == Unit::kDay ? 0 : kTicksPerDay;
    return computed(Kind::kDateTime,
                    datetime_of(context, fmt::format("({0} - toInt64(positiveModulo({0} + {1}, {2})) + {3} * {2})",
                                                     ticks, shift, length, offset)));
  }
  const std::string day = fmt::format("({0} - toInt64(positiveModulo({0}, {1})))", ticks, kTicksPerDay);
  const std::string days =
      unit == Unit::kMonth ? fmt::format("toDayOfMonth({})", at) : fmt::format("toDayOfYear({})", at);
  const std::string first = datetime_of_valid(fmt::format("({} - (toInt64({}) - 1) * {})", day, days, kTicksPerDay));
  if (offset == "0") return computed(Kind::kDateTime, first);
  return computed(Kind::kDateTime,
                  fmt::format("{}({}, {})", unit == Unit::kMonth ? "addMonths" : "addYears", first, offset));
}

Result<Scalar> end_of(LoweringContext& context, Unit unit, Arguments a) {
  const std::string at = context.bind(a[0].sql);
  if (unit == Unit::kDay || unit == Unit::kWeek) {
    const std::int64_t length = unit == Unit::kDay ? kTicksPerDay : 7 * kTicksPerDay;
    const std::int64_t shift = unit == Unit::kDay ? 0 : kTicksPerDay;
    const std::string offset = a.size() > 1 ? fmt::format("ifNull({}, 0)", int64_sql(a[1])) : "0";
    return computed(
        Kind::kDateTime,
        datetime_of(context, fmt::format("({0} - toInt64(positiveModulo({0} + {1}, {2})) + ({3} + 1) * {2} - 1)",
                                         ticks_of(at), shift, length, offset)));
  }
  GARRISON_ASSIGN(Scalar start, start_of(context, unit, a));
  const std::string first = context.bind(start.sql);
  // Adding a unit saturates at the end of year 9999.
  const std::string next = fmt::format("{}({}, 1)", unit == Unit::kMonth ? "addMonths" : "addYears", first);
  const std::string is_last = unit == Unit::kMonth ? fmt::format("toYear({0}) = 9999 and toMonth({0}) = 12", first)
                                                   : fmt::format("toYear({}) = 9999", first);
  return computed(Kind::kDateTime, fmt::format("if({}, {}, {})", is_last, make_datetime({kMaxTicks}).sql,
                                               datetime_of_valid(fmt::format("({} - 1)", ticks_of(next)))));
}

template <Unit unit, Edge edge>
Result<Scalar> edge_of(LoweringContext& context, Arguments a) {
  auto out = edge == Edge::kStart ? start_of(context, unit, a) : end_of(context, unit, a);
  if (out.ok()) out->name_hint = a[0].name_hint;
  return out;
}

Result<Scalar> lower_now(LoweringContext& context, Arguments a) {
  const Scalar now = make_datetime(context.now());
  return a.empty() ? Result<Scalar>(now) : lower_binary(context, BinaryOperator::kAdd, now, a[0]);
}

Result<Scalar> lower_ago(LoweringContext& context, Arguments a) {
  return lower_binary(context, BinaryOperator::kSubtract, make_datetime(context.now()), a[0]);
}

struct Part {
  std::string_view name;
  std::int64_t ticks;  // 0: of calendar length
};

constexpr std::array<Part, 11> kParts = {{
    {"year", 0},
    {"quarter", 0},
    {"month", 0},
    {"week", 7 * kTicksPerDay},
    {"day", kTicksPerDay},
    {"hour", kTicksPerHour},
    {"minute", kTicksPerMinute},
    {"second", kTicksPerSecond},
    {"millisecond", kTicksPerMillisecond},
    {"microsecond", kTicksPerMicrosecond},
    {"nanosecond", 0},
}};

Result<Part> part_of(std::string_view function, const Scalar& value) {
  const std::string name = text::ascii_lower(constant_text(value).value_or(""));
  for (const auto& part : kParts) {
    if (part.name == name) return part;
  }
  return argument_error(fmt::format("{}() does not know the part '{}'", function, name));
}

Result<Scalar> lower_datetime_diff(LoweringContext& context, Arguments a) {
  GARRISON_ASSIGN(Part part, part_of("datetime_diff", a[0]));
  const std::string left = context.bind(a[1].sql);
  const std::string right = context.bind(a[2].sql);
  const auto difference = [&](std::string_view of) {
    return computed(Kind::kLong, fmt::format("({} - {})", fmt::format(fmt::runtime(of), left),
                                             fmt::format(fmt::runtime(of), right)));
  };
  if (part.name == "year") return difference("toInt64(toYear({0}))");
  if (part.name == "quarter") return difference("(toInt64(toYear({0})) * 4 + toInt64(toQuarter({0})))");
  if (part.name == "month") return difference("(toInt64(toYear({0})) * 12 + toInt64(toMonth({0})))");
  if (part.name == "nanosecond") return difference("(reinterpretAsInt64({0}) * 100)");
  const bool is_week = part.name == "week";
  const std::string borders = fmt::format("(intDiv({0} + {2}, {3}) - intDiv({1} + {2}, {3}))", ticks_of(left),
                                          ticks_of(right), is_week ? kTicksPerDay : 0, part.ticks);
  // The engine answers weeks, and only weeks, as a real.
  return is_week ? computed(Kind::kReal, fmt::format("toFloat64({})", borders)) : computed(Kind::kLong, borders);
}

Result<Scalar> lower_datetime_add(LoweringContext& context, Arguments a) {
  GARRISON_ASSIGN(Part part, part_of("datetime_add", a[0]));
  const std::string amount = int64_sql(a[1]);
  if (part.name == "year") return computed(Kind::kDateTime, fmt::format("addYears({}, {})", a[2].sql, amount));
  if (part.name == "quarter") return computed(Kind::kDateTime, fmt::format("addQuarters({}, {})", a[2].sql, amount));
  if (part.name == "month") return computed(Kind::kDateTime, fmt::format("addMonths({}, {})", a[2].sql, amount));
  if (part.name == "nanosecond") {
    return computed(Kind::kDateTime,
                    datetime_of(context, fmt::format("({} + intDiv({}, 100))", int64_sql(a[2]), amount)));
  }
  return computed(Kind::kDateTime,
                  datetime_of(context, fmt::format("({} + {} * {})", int64_sql(a[2]), amount, part.ticks)));
}

Result<Scalar> lower_datetime_part(LoweringContext& context, Arguments a) {
  const std::string name = text::ascii_lower(constant_text(a[0]).value_or(""));
  const std::string at = context.bind(a[1].sql);
  const auto of = [&](std::string_view sql) {
    return computed(Kind::kLong, fmt::format("toInt64({})", fmt::format(fmt::runtime(sql), at)));
  };
  if (name == "year") return of("toYear({})");
  if (name == "quarter") return of("toQuarter({})");
  if (name == "month") return of("toMonth({})");
  if (name == "week_of_year" || name == "weekofyear" || name == "week") return of("toISOWeek({})");
  if (name == "day") return of("toDayOfMonth({})");
  if (name == "dayofyear") return of("toDayOfYear({})");
  if (name == "hour") return of("toHour({})");
  if (name == "minute") return of("toMinute({})");
  if (name == "second") return of("toSecond({})");
  const std::string second = fmt::format("positiveModulo({}, {})", ticks_of(at), kTicksPerSecond);
  if (name == "millisecond")
    return computed(Kind::kLong, fmt::format("toInt64(intDiv({}, {}))", second, kTicksPerMillisecond));
  if (name == "microsecond")
    return computed(Kind::kLong, fmt::format("toInt64(intDiv({}, {}))", second, kTicksPerMicrosecond));
  if (name == "nanosecond") return computed(Kind::kLong, fmt::format("toInt64({} * 100)", second));
  return argument_error(fmt::format("datetime_part() does not know the part '{}'", name));
}

Result<Scalar> calendar_part(std::string_view function, Kind kind, Arguments a) {
  return computed(kind, fmt::format("{}({}({}))", kind == Kind::kInt ? "toInt32" : "toInt64", function, a[0].sql));
}

Result<Scalar> lower_dayofweek(LoweringContext&, Arguments a) {
  return computed(Kind::kTimespan, fmt::format("toInt64(positiveModulo(intDiv({}, {}) + 1, 7) * {})", int64_sql(a[0]),
                                               kTicksPerDay, kTicksPerDay));
}

Result<Scalar> lower_make_datetime(LoweringContext& context, Arguments a) {
  const auto part = [&](std::size_t index, std::string fallback) {
    return index < a.size() ? context.bind(int64_sql(a[index])) : std::move(fallback);
  };
  const std::string year = part(0, "1");
  const std::string month = part(1, "1");
  const std::string day = part(2, "1");
  const std::string hour = part(3, "0");
  const std::string minute = part(4, "0");
  const std::string second = a.size() > 5 ? context.bind(float64_sql(a[5])) : "0";
  // The engine reads the 30th of February as the 2nd of March: compare the day afterwards.
  const std::string date = context.bind(
      fmt::format("toDateTime64OrNull(concat(leftPad(toString({}), 4, '0'), '-', leftPad(toString({}), 2, '0'), '-', "
                  "leftPad(toString({}), 2, '0'), ' 00:00:00'), 7, 'UTC')",
                  year, month, day));
  const std::string ticks =
      fmt::format("({} + toInt64({}) * {} + toInt64({}) * {} + toInt64(round(toFloat64({}) * {})))", ticks_of(date),
                  hour, kTicksPerHour, minute, kTicksPerMinute, second, kTicksPerSecond);
  return computed(
      Kind::kDateTime,
      fmt::format("if({0} between 1 and 9999 and {1} between 1 and 12 and {2} between 1 and 31 and toDayOfMonth({6}) "
                  "= {2} and {3} between 0 and 23 and {4} between 0 and 59 and {5} >= 0 and {5} < 60, {7}, NULL)",
                  year, month, day, hour, minute, second, date, datetime_of(context, ticks)));
}

Result<Scalar> lower_make_timespan(LoweringContext& context, Arguments a) {
  const std::size_t shift = a.size() == 4 ? 1 : 0;
  const std::string days = shift ? context.bind(int64_sql(a[0])) : "0";
  const std::string hours = context.bind(int64_sql(a[shift]));
  const std::string minutes = context.bind(int64_sql(a[shift + 1]));
  const std::string seconds = a.size() > shift + 2 ? context.bind(float64_sql(a[shift + 2])) : "0";
  return computed(
      Kind::kTimespan,
      fmt::format(
          "if({1} between 0 and 23 and {2} between 0 and 59 and {3} >= 0 and {3} < 60, toInt64({0} * {4} + {1} * "
          "{5} + {2} * {6} + toInt64(round(toFloat64({3}) * {7}))), NULL)",
          days, hours, minutes, seconds, kTicksPerDay, kTicksPerHour, kTicksPerMinute, kTicksPerSecond));
}

template <std::int64_t ticks_per_unit>
Result<Scalar> from_unix(LoweringContext& context, Arguments a) {
  if (a[0].kind == Kind::kReal || a[0].kind == Kind::kDecimal) {
    return computed(Kind::kDateTime,
                    datetime_of(context, fmt::format("(accurateCastOrNull(round(toFloat64({}) * {}), 'Int64') + {})",
                                                     a[0].sql, ticks_per_unit, kUnixEpochTicks)));
  }
  return computed(Kind::kDateTime, datetime_of(context, fmt::format("({} * {} + {})", int64_sql(a[0]), ticks_per_unit,
                                                                    kUnixEpochTicks)));
}

Result<Scalar> lower_unix_nanoseconds(LoweringContext& context, Arguments a) {
  return computed(Kind::kDateTime,
                  datetime_of(context, fmt::format("(intDiv({}, 100) + {})", int64_sql(a[0]), kUnixEpochTicks)));
}

Result<Scalar> lower_format_datetime(LoweringContext& context, Arguments a) {
  GARRISON_ASSIGN(std::string sql, format_datetime_sql(context.bind(a[0].sql), constant_text(a[1]).value_or("")));
  return computed(Kind::kString, fmt::format("ifNull({}, '')", sql));
}

Result<Scalar> lower_format_timespan(LoweringContext& context, Arguments a) {
  GARRISON_ASSIGN(std::string sql, format_timespan_sql(context.bind(a[0].sql), constant_text(a[1]).value_or("")));
  return computed(Kind::kString, fmt::format("ifNull({}, '')", sql));
}

Result<std::string> zone_of(std::string_view function, const Scalar& value) {
  const std::string zone = constant_text(value).value_or("");
  const bool is_plain =
      zone.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/_+-") == std::string::npos;
  if (zone.empty() || !is_plain)
    return argument_error(fmt::format("{}() needs a time zone such as Europe/Berlin", function));
  return quote_text(zone);
}

Result<Scalar> lower_local_to_utc(LoweringContext&, Arguments a) {
  GARRISON_ASSIGN(std::string zone, zone_of("datetime_local_to_utc", a[1]));
  return computed(Kind::kDateTime,
                  fmt::format("toTimeZone(toDateTime64OrNull(toString({}), 7, {}), 'UTC')", a[0].sql, zone));
}

Result<Scalar> lower_utc_to_local(LoweringContext&, Arguments a) {
  GARRISON_ASSIGN(std::string zone, zone_of("datetime_utc_to_local", a[1]));
  return computed(Kind::kDateTime,
                  fmt::format("toDateTime64OrNull(toString(toTimeZone({}, {})), 7, 'UTC')", a[0].sql, zone));
}

}  // namespace

const std::vector<Function>& datetime_functions() {
  static const std::vector<Function> kEntries = [] {
    const Function monthofyear =
        function_entry("monthofyear(at: datetime): long", "Number of the month, 1 to 12.",
                       {"print monthofyear(datetime(2024-05-06))", "[[5]]"},
                       [](LoweringContext&, Arguments a) { return calendar_part("toMonth", Kind::kLong, a); });
    const Function week_of_year =
        function_entry("week_of_year(at: datetime): int", "Number of the ISO 8601 week.",
                       {"print week_of_year(datetime(2024-01-08))", "[[2]]"},
                       [](LoweringContext&, Arguments a) { return calendar_part("toISOWeek", Kind::kLong, a); });
    return std::vector<Function>{
        function_entry("ago(span: timespan): datetime", "The time of the query minus the span.",
                       {"print ago(1h) == now() - 1h", "[[true]]"}, lower_ago, CostClass::kConstant),
        function_entry("datetime_add(part: string!, amount: long, at: datetime): datetime",
                       "Adds a number of calendar or clock units.",
                       {"print datetime_add('month', 1, datetime(2024-01-31))", "[[\"2024-02-29T00:00:00.0000000Z\"]]"},
                       lower_datetime_add),
        function_entry("datetime_diff(part: string!, later: datetime, earlier: datetime): long",
                       "Counts the borders of a unit between two times.",
                       {"print datetime_diff('day', datetime(2024-01-02 00:10), datetime(2024-01-01 23:50))", "[[1]]"},
                       lower_datetime_diff),
        function_entry("datetime_local_to_utc(at: datetime, zone: string!): datetime",
                       "Reads a local time of a zone as UTC.",
                       {"print datetime_local_to_utc(datetime(2024-07-01 12:00), 'Europe/Berlin')",
                        "[[\"2024-07-01T10:00:00.0000000Z\"]]"},
                       lower_local_to_utc),
        function_entry("datetime_part(part: string!, at: datetime): long", "One part of a time as a number.",
                       {"print datetime_part('hour', datetime(2024-05-06 07:08))", "[[7]]"}, lower_datetime_part),
        function_entry("datetime_utc_to_local(at: datetime, zone: string!): datetime",
                       "Converts UTC to the local time of a zone.",
                       {"print datetime_utc_to_local(datetime(2024-07-01 10:00), 'Europe/Berlin')",
                        "[[\"2024-07-01T12:00:00.0000000Z\"]]"},
                       lower_utc_to_local),
        function_entry("dayofmonth(at: datetime): int", "Number of the day in its month.",
                       {"print dayofmonth(datetime(2024-05-06))", "[[6]]"},
                       [](LoweringContext&, Arguments a) { return calendar_part("toDayOfMonth", Kind::kInt, a); }),
        function_entry("dayofweek(at: datetime): timespan", "Time since the last Sunday, in whole days.",
                       {"print dayofweek(datetime(2024-05-06))", "[[\"1.00:00:00\"]]"}, lower_dayofweek),
        function_entry("dayofyear(at: datetime): int", "Number of the day in its year.",
                       {"print dayofyear(datetime(2024-02-01))", "[[32]]"},
                       [](LoweringContext&, Arguments a) { return calendar_part("toDayOfYear", Kind::kInt, a); }),
        function_entry("endofday(at: datetime, offset: long?): datetime", "Last tick of the day.",
                       {"print endofday(datetime(2024-05-06 07:08))", "[[\"2024-05-06T23:59:59.9999999Z\"]]"},
                       edge_of<Unit::kDay, Edge::kEnd>),
        function_entry("endofmonth(at: datetime, offset: long?): datetime", "Last tick of the month.",
                       {"print endofmonth(datetime(2024-02-06))", "[[\"2024-02-29T23:59:59.9999999Z\"]]"},
                       edge_of<Unit::kMonth, Edge::kEnd>),
        function_entry("endofweek(at: datetime, offset: long?): datetime",
                       "Last tick of the week, which begins on Sunday.",
                       {"print endofweek(datetime(2024-05-06))", "[[\"2024-05-11T23:59:59.9999999Z\"]]"},
                       edge_of<Unit::kWeek, Edge::kEnd>),
        function_entry("endofyear(at: datetime, offset: long?): datetime", "Last tick of the year.",
                       {"print endofyear(datetime(2024-05-06))", "[[\"2024-12-31T23:59:59.9999999Z\"]]"},
                       edge_of<Unit::kYear, Edge::kEnd>),
        function_entry(
            "format_datetime(at: datetime, format: string!): string",
            "Prints a time by a format such as yyyy-MM-dd HH:mm.",
            {"print format_datetime(datetime(2024-05-06 07:08:09), 'yy.M.d hh:mm tt')", "[[\"24.5.6 07:08 AM\"]]"},
            lower_format_datetime),
        function_entry("format_timespan(span: timespan, format: string!): string",
                       "Prints a span by a format such as d.hh:mm:ss.",
                       {"print format_timespan(1d + 2h + 3m, 'd.hh:mm')", "[[\"1.02:03\"]]"}, lower_format_timespan),
        spelled(monthofyear, "getmonth", "Old spelling of monthofyear()."),
        function_entry("getyear(at: datetime): long", "Number of the year.",
                       {"print getyear(datetime(2024-05-06))", "[[2024]]"},
                       [](LoweringContext&, Arguments a) { return calendar_part("toYear", Kind::kLong, a); }),
        function_entry("hourofday(at: datetime): long", "Number of the hour, 0 to 23.",
                       {"print hourofday(datetime(2024-05-06 07:08))", "[[7]]"},
                       [](LoweringContext&, Arguments a) { return calendar_part("toHour", Kind::kLong, a); }),
        function_entry(
            "make_datetime(year: long, month: long, day: long, hour: long?, minute: long?, second: real?): datetime",
            "Builds a time from its parts; null when a part is out of range.",
            {"print make_datetime(2024, 5, 6, 7, 8, 9.5)", "[[\"2024-05-06T07:08:09.5000000Z\"]]"},
            lower_make_datetime),
        function_entry("make_timespan(hours_or_days: long, minutes_or_hours: long, seconds_or_minutes: real?, seconds: "
                       "real?): timespan",
                       "Builds a span from hours and minutes, with seconds, or with days in front.",
                       {"print make_timespan(1, 2, 3, 4.5)", "[[\"1.02:03:04.5000000\"]]"}, lower_make_timespan),
        monthofyear,
        function_entry("now(offset: timespan?): datetime", "The time of the query, the same everywhere in it.",
                       {"print now() == now()", "[[true]]"}, lower_now, CostClass::kConstant),
        function_entry("startofday(at: datetime, offset: long?): datetime", "First instant of the day.",
                       {"print startofday(datetime(2024-05-06 07:08), -1)", "[[\"2024-05-05T00:00:00.0000000Z\"]]"},
                       edge_of<Unit::kDay, Edge::kStart>),
        function_entry("startofmonth(at: datetime, offset: long?): datetime", "First instant of the month.",
                       {"print startofmonth(datetime(2024-05-06))", "[[\"2024-05-01T00:00:00.0000000Z\"]]"},
                       edge_of<Unit::kMonth, Edge::kStart>),
        function_entry("startofweek(at: datetime, offset: long?): datetime",
                       "First instant of the week, which begins on Sunday.",
                       {"print startofweek(datetime(2024-05-06))", "[[\"2024-05-05T00:00:00.0000000Z\"]]"},
                       edge_of<Unit::kWeek, Edge::kStart>),
        function_entry("startofyear(at: datetime, offset: long?): datetime", "First instant of the year.",
                       {"print startofyear(datetime(2024-05-06))", "[[\"2024-01-01T00:00:00.0000000Z\"]]"},
                       edge_of<Unit::kYear, Edge::kStart>),
        function_entry(
            "unixtime_microseconds_todatetime(count: real): datetime", "Time from microseconds since 1970.",
            {"print unixtime_microseconds_todatetime(1546300800000000)", "[[\"2019-01-01T00:00:00.0000000Z\"]]"},
            from_unix<kTicksPerMicrosecond>),
        function_entry(
            "unixtime_milliseconds_todatetime(count: real): datetime", "Time from milliseconds since 1970.",
            {"print unixtime_milliseconds_todatetime(1546300800000)", "[[\"2019-01-01T00:00:00.0000000Z\"]]"},
            from_unix<kTicksPerMillisecond>),
        function_entry(
            "unixtime_nanoseconds_todatetime(count: long): datetime", "Time from nanoseconds since 1970.",
            {"print unixtime_nanoseconds_todatetime(1546300800000000000)", "[[\"2019-01-01T00:00:00.0000000Z\"]]"},
            lower_unix_nanoseconds),
        function_entry("unixtime_seconds_todatetime(count: real): datetime", "Time from seconds since 1970.",
                       {"print unixtime_seconds_todatetime(1546300800)", "[[\"2019-01-01T00:00:00.0000000Z\"]]"},
                       from_unix<kTicksPerSecond>),
        week_of_year,
        spelled(week_of_year, "weekofyear", "Old spelling of week_of_year()."),
    };
  }();
  return kEntries;
}

}  // namespace garrison::kql

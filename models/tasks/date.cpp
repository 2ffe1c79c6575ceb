#include "heed/models/tasks/date.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>

#include "heed/tensor/error.h"

namespace heed::models {
namespace {

constexpr int first_year = 1900, last_year = 2049, first_short_year = 1950;

constexpr std::array<std::string_view, 12> months{"January",   "February", "March",    "April",
                                                  "May",       "June",     "July",     "August",
                                                  "September", "October",  "November", "December"};
constexpr std::array<std::string_view, 7> weekdays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                   "Thursday", "Friday", "Saturday"};

std::string ordinal(unsigned day) {
  const bool teen = day / 10 == 1;
  const std::string_view ending = teen            ? "th"
                                  : day % 10 == 1 ? "st"
                                  : day % 10 == 2 ? "nd"
                                  : day % 10 == 3 ? "rd"
                                                  : "th";
  return fmt::format("{}{}", day, ending);
}

/// The text of one field, by its letter.
std::string written(const std::chrono::year_month_day& date, char field) {
  const int year = static_cast<int>(date.year());
  const unsigned month = static_cast<unsigned>(date.month()), day = static_cast<unsigned>(date.day());
  const std::string_view month_name = months[month - 1],
                         weekday = weekdays[std::chrono::weekday(std::chrono::sys_days(date)).c_encoding()];
  switch (field) {
    case 'Y':
      return fmt::format("{:04}", year);
    case 'y':
      return fmt::format("{:02}", year % 100);
    case 'B':
      return std::string(month_name);
    case 'b':
      return std::string(month_name.substr(0, 3));
    case 'M':
      return fmt::format("{:02}", month);
    case 'm':
      return fmt::format("{}", month);
    case 'D':
      return fmt::format("{:02}", day);
    case 'd':
      return fmt::format("{}", day);
    case 'o':
      return ordinal(day);
    case 'A':
      return std::string(weekday);
    case 'a':
      return std::string(weekday.substr(0, 3));
    default:
      throw FormatError(fmt::format("date: unknown field %{}", field));
  }
}

/// Where the target has the number a field writes: the year at 0, the month at 5, the day at 8.
struct Target {
  std::size_t position, digits;
};

Target target_of(char field) {
  const auto is_one_of = [&](std::string_view fields) { return fields.find(field) != std::string_view::npos; };
  if (is_one_of("Yy")) return {0, 4};
  if (is_one_of("BbMm")) return {5, 2};
  if (is_one_of("Ddo")) return {8, 2};
  return {0, 0};  // a weekday carries nothing
}

/// Links the target's digits to a field written as `text` from source position `begin` on: digit to digit, from the
/// last. A digit that was not written, and both of a month given by name, follow from the whole field.
void link(DateExample& example, Target target, std::string_view text, std::size_t begin) {
  const auto end_of_digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::size_t carriers = end_of_digits > 0 ? end_of_digits : text.size();
  for (std::size_t i = 0; i < target.digits; ++i) {
    const std::size_t from_last = target.digits - i;
    std::vector<std::int64_t>& links = example.alignment[target.position + i];
    for (std::size_t k = 0; k < carriers; ++k)
      if (end_of_digits == 0 || from_last > carriers || k == carriers - from_last)
        links.push_back(static_cast<std::int64_t>(begin + k));
  }
}

}  // namespace

const std::vector<std::string_view>& date_formats() {
  static const std::vector<std::string_view> formats{
      "%d %B %Y",  "%A, %d %B %Y", "%a %d %b %Y", "%o of %B %Y",   "the %o of %B, %Y", "%d-%b-%Y", "%d %b %y",
      "%B %d, %Y", "%B %d %Y",     "%B %o, %Y",   "%A, %B %d, %Y", "%b %d, %y",        "%Y/%m/%d", "%Y-%m-%d",
      "%Y%M%D",    "%Y, %B %d",    "%d.%m.%Y",    "%D.%M.%Y",      "%d.%m.%y"};
  return formats;
}

DateExample make_date(int year, int month, int day, std::string_view format) {
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  const int earliest = format.find("%y") == std::string_view::npos ? first_year : first_short_year;
  // chrono keeps the low bits of a month or day out of range, so ok() alone would take month 257 for January.
  if (month < 1 || month > 12 || day < 1 || day > 31 || !date.ok() || year < earliest || year > last_year)
    throw IndexError(fmt::format("date: {}-{}-{} is no day of {} to {}, which '{}' can write", year, month, day,
                                 earliest, last_year, format));

  DateExample example{{}, fmt::format("{:04}-{:02}-{:02}", year, month, day), {}, format};
  example.alignment.resize(example.target.size());
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') {
      example.source += format[i];
      continue;
    }
    const char field = ++i < format.size() ? format[i] : '%';
    const std::string text = written(date, field);
    link(example, target_of(field), text, example.source.size());
    example.source += text;
  }
  return example;
}

DateExample make_date(Generator& generator) {
  const auto draw = [&](int low, int high) { return low + static_cast<int>(generator.uniform_int(high - low + 1)); };
  const std::vector<std::string_view>& formats = date_formats();
  const std::string_view format = formats[static_cast<std::size_t>(draw(0, static_cast<int>(formats.size()) - 1))];
  const int year = draw(format.find("%y") == std::string_view::npos ? first_year : first_short_year, last_year);
  const int month = draw(1, 12);
  const std::chrono::year_month_day_last end{
      std::chrono::year(year), std::chrono::month_day_last(std::chrono::month(static_cast<unsigned>(month)))};
  DateExample example = make_date(year, month, draw(1, static_cast<int>(static_cast<unsigned>(end.day()))), format);

  const int letter_case = draw(0, 2);
  for (char& c : example.source) {
    if (letter_case == 1 && c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (letter_case == 2 && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return example;
}

}  // namespace heed::models

// Task "date": a date as people write it -> the same date as ISO 8601 writes it. A small translation task: words become
// numbers, the order changes, and which source characters carry each target character is known.
//
//   "Monday, 3 March 1969"   "mar 3, 69"   "1969/3/3"   "THE 3RD OF MARCH, 1969"   ->   "1969-03-03"
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "heed/tensor/random/random.h"

namespace heed::models {

struct DateExample {
  std::string source, target;  ///< ASCII, so characters are bytes; the target has ten
  /// For each target character the positions of the source characters that carry it, ascending; none for '-'.
  std::vector<std::vector<std::int64_t>> alignment;
  std::string_view format;  ///< the row of date_formats() it was written by
};

/// The ways a date is written. Everything but a field stands for itself:
///   %Y 1969  %y 69 (only for 1950 to 2049, so that two digits name one year)
///   %B March  %b Mar  %m 3  %M 03
///   %d 3  %D 03  %o 3rd
///   %A Monday  %a Mon (the day the date really was; it carries nothing)
/// No text is a date in two of them: the year comes first between slashes and hyphens and in eight digits, the day
/// between dots, and a two-digit year last.
const std::vector<std::string_view>& date_formats();

/// A random day of 1900 to 2049 (each year, each of its months and each day of that month as likely as the next) in a
/// random format, as it is, all in lower case or all in upper case.
DateExample make_date(Generator& generator);

/// That day in that format. IndexError for a day that never was, a year outside 1900 to 2049, or %y outside 1950 to
/// 2049; FormatError for an unknown field.
DateExample make_date(int year, int month, int day, std::string_view format);

}  // namespace heed::models

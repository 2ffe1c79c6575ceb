#include "heed/models/tasks/date.h"

#include <cctype>
#include <map>
#include <set>

#include "heed/tensor/error.h"
#include "support/catch.h"

using namespace heed;
using namespace heed::models;
using Links = std::vector<std::vector<std::int64_t>>;

namespace {

// The documented rules, read the other way round and written without a look at the generator.
std::string read_date(const std::string& text) {
  std::vector<std::string> numbers;
  std::string name_of_month;
  bool month_first = false, had_letter = false;
  for (std::size_t i = 0; i < text.size();) {
    std::string token;
    const bool digit = std::isdigit(static_cast<unsigned char>(text[i])) != 0;
    const bool letter = std::isalpha(static_cast<unsigned char>(text[i])) != 0;
    for (; i < text.size() && (digit ? std::isdigit(static_cast<unsigned char>(text[i]))
                                     : letter && std::isalpha(static_cast<unsigned char>(text[i])));
         ++i)
      token += static_cast<char>(std::tolower(static_cast<unsigned char>(text[i])));
    if (digit) {
      numbers.push_back(token);
    } else if (letter) {
      had_letter = true;
      const std::string names = "jan feb mar apr may jun jul aug sep oct nov dec";
      const std::size_t at = names.find(token.substr(0, 3));
      if (token.size() >= 3 && at != std::string::npos && token != "the") {
        name_of_month = std::to_string(at / 4 + 1);
        month_first = numbers.empty();
      }
    } else {
      ++i;
    }
  }
  std::string year, month, day;
  if (numbers.size() == 1) {
    year = numbers[0].substr(0, 4), month = numbers[0].substr(4, 2), day = numbers[0].substr(6);
  } else if (!had_letter && text.find('.') == std::string::npos) {
    year = numbers.at(0), month = numbers.at(1), day = numbers.at(2);
  } else if (!had_letter) {
    day = numbers.at(0), month = numbers.at(1), year = numbers.at(2);
  } else {
    const bool year_first = numbers.at(0).size() == 4 && !month_first;
    month = name_of_month, day = numbers[year_first ? 1 : 0], year = numbers[year_first ? 0 : 1];
  }
  if (year.size() == 2) year = (year >= "50" ? "19" : "20") + year;
  const auto two = [](const std::string& number) { return number.size() == 1 ? "0" + number : number; };
  return year + "-" + two(month) + "-" + two(day);
}

}  // namespace

TEST_CASE("date: every text means its target and nothing else", "[tasks]") {
  Generator generator(1);
  std::map<std::string, std::string> meanings;
  std::map<std::string_view, int> formats;
  std::set<std::string> years;
  int misread = 0, ambiguous = 0;
  for (int i = 0; i < 30000; ++i) {
    const DateExample example = make_date(generator);
    misread += read_date(example.source) != example.target;
    std::string text = example.source;
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    ambiguous += meanings.emplace(text, example.target).first->second != example.target;
    ++formats[example.format];
    years.insert(example.target.substr(0, 4));
  }
  CHECK(misread == 0);
  CHECK(ambiguous == 0);
  CHECK(formats.size() == date_formats().size());
  CHECK(formats.size() >= 10);
  CHECK(years.size() == 150);
  CHECK(*years.begin() == "1900");
  CHECK(*years.rbegin() == "2049");
}

TEST_CASE("date: known days in each format", "[tasks]") {
  CHECK(make_date(1969, 3, 3, "%A, %d %B %Y").source == "Monday, 3 March 1969");
  const std::vector<std::string> week{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  for (int i = 0; i < 7; ++i) {
    const std::string weekday = make_date(1969, 3, 3 + i, "%A").source;
    CHECK(weekday.substr(0, 3) == week[static_cast<std::size_t>(i)]);
    CHECK(weekday.ends_with("day"));
  }
  CHECK(make_date(2024, 2, 29, "%a %d %b %Y").source == "Thu 29 Feb 2024");
  CHECK(make_date(1999, 12, 31, "the %o of %B, %Y").source == "the 31st of December, 1999");
  CHECK(make_date(2049, 1, 2, "%b %d, %y").source == "Jan 2, 49");
  CHECK(make_date(1950, 1, 23, "%d.%m.%y").source == "23.1.50");
  CHECK(make_date(1901, 8, 5, "%D.%M.%Y").source == "05.08.1901");
  CHECK(make_date(1901, 8, 5, "%Y%M%D").source == "19010805");
  const std::vector<std::string> ordinals{"1st",  "2nd",  "3rd",  "4th",  "10th", "11th",
                                          "12th", "13th", "21st", "22nd", "23rd", "30th"};
  for (const std::string& ordinal : ordinals) CHECK(make_date(2000, 1, std::stoi(ordinal), "%o").source == ordinal);
}

TEST_CASE("date: all three letter cases appear, and all months to their last day", "[tasks]") {
  Generator generator(2);
  std::set<std::string> cases, last_days;
  for (int i = 0; i < 20000; ++i) {
    const DateExample example = make_date(generator);
    const std::size_t march = example.source.find_first_of("Mm");
    if (example.format == "%B %d %Y" && example.target.substr(5, 2) == "03")
      cases.insert(example.source.substr(march, 5));
    last_days.insert(example.target.substr(5));
  }
  CHECK(cases == std::set<std::string>{"March", "march", "MARCH"});
  CHECK(last_days.size() == 366);
}

TEST_CASE("date: gold alignment by hand", "[tasks]") {
  CHECK(make_date(1969, 3, 12, "%B %d, %Y").alignment ==  // March 12, 1969 -> 1969-03-12
        Links{{10}, {11}, {12}, {13}, {}, {0, 1, 2, 3, 4}, {0, 1, 2, 3, 4}, {}, {6}, {7}});
  CHECK(make_date(1969, 3, 3, "%b %d, %y").alignment ==  // Mar 3, 69 -> 1969-03-03
        Links{{7, 8}, {7, 8}, {7}, {8}, {}, {0, 1, 2}, {0, 1, 2}, {}, {4}, {4}});
  CHECK(make_date(1969, 3, 3, "%a %o of %m %Y").alignment ==  // Mon 3rd of 3 1969 -> 1969-03-03
        Links{{13}, {14}, {15}, {16}, {}, {11}, {11}, {}, {4}, {4}});
  CHECK(make_date(2031, 11, 9, "%D.%M.%Y").alignment ==  // 09.11.2031 -> 2031-11-09
        Links{{6}, {7}, {8}, {9}, {}, {3}, {4}, {}, {0}, {1}});
}

TEST_CASE("date: a linked digit is the digit, unless it had to be inferred", "[tasks]") {
  Generator generator(3);
  int wrong = 0;
  for (int i = 0; i < 5000; ++i) {
    const DateExample example = make_date(generator);
    for (std::size_t t = 0; t < example.target.size(); ++t) {
      const std::vector<std::int64_t>& links = example.alignment[t];
      wrong += links.empty() != (example.target[t] == '-');
      const bool inferred = example.target[t] == '0' || t < 2 || links.size() > 1;
      for (std::int64_t position : links) {
        const char c = example.source.at(static_cast<std::size_t>(position));
        wrong += !inferred && c != example.target[t];
      }
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("date: the generator's state decides alone", "[tasks]") {
  Generator a(5), b(5), c(6);
  const DateExample first = make_date(a);
  CHECK(make_date(b).source == first.source);
  CHECK(make_date(c).source != first.source);
}

TEST_CASE("date: days that never were and formats that cannot write them", "[tasks]") {
  CHECK_THROWS_AS(make_date(1900, 2, 29, "%Y"), IndexError);  // 1900 was no leap year
  CHECK_THROWS_AS(make_date(2001, 4, 31, "%Y"), IndexError);
  CHECK_THROWS_AS(make_date(2001, 257, 1, "%Y"), IndexError);
  CHECK_THROWS_AS(make_date(2001, 1, 257, "%Y"), IndexError);
  CHECK_THROWS_AS(make_date(2001, 0, 1, "%Y"), IndexError);
  CHECK_THROWS_AS(make_date(1899, 1, 1, "%Y"), IndexError);
  CHECK_THROWS_AS(make_date(2050, 1, 1, "%Y"), IndexError);
  CHECK_THROWS_AS(make_date(1949, 1, 1, "%d.%m.%y"), IndexError);
  CHECK_THROWS_AS(make_date(2000, 1, 1, "%q"), FormatError);
  CHECK_THROWS_AS(make_date(2000, 1, 1, "%d %"), FormatError);
}

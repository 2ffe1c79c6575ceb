#include "heed/models/tasks/sums.h"

#include <fmt/format.h>

#include <array>
#include <map>

#include "heed/tensor/error.h"

namespace heed::models {

std::string number_in_words(std::int64_t number) {
  static constexpr std::array<const char*, 20> small{
      "zero", "one",    "two",    "three",    "four",     "five",    "six",     "seven",     "eight",    "nine",
      "ten",  "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
  if (number < 0 || number > 40) throw IndexError(fmt::format("number_in_words: {} is outside 0 to 40", number));
  if (number < 20) return small[static_cast<std::size_t>(number)];
  const std::string tens = number < 30 ? "twenty" : number < 40 ? "thirty" : "forty";
  return number % 10 == 0 ? tens : tens + "-" + small[static_cast<std::size_t>(number % 10)];
}

std::string make_sum(Generator& generator) {
  const std::int64_t a = generator.uniform_int(21), b = generator.uniform_int(21);
  return fmt::format("{} plus {} is {}.", number_in_words(a), number_in_words(b), number_in_words(a + b));
}

std::optional<double> right_sums(std::string_view text) {
  std::map<std::string, std::string, std::less<>> sums;
  for (std::int64_t a = 0; a <= 20; ++a)
    for (std::int64_t b = 0; b <= 20; ++b)
      sums[fmt::format("{} plus {} is", number_in_words(a), number_in_words(b))] = number_in_words(a + b) + ".";
  double right = 0, all = 0;
  for (std::size_t begin = text.find('\n'); begin != text.npos; begin = text.find('\n', begin + 1)) {
    const std::size_t end = text.find('\n', begin + 1);
    if (end == text.npos) break;
    const std::string_view line = text.substr(begin + 1, end - begin - 1);
    const std::size_t last = line.rfind(' ');
    const auto found = sums.find(line.substr(0, last == line.npos ? 0 : last));
    all += 1;
    right += found != sums.end() && found->second == line.substr(last + 1);
  }
  return all > 0 ? std::optional(right / all) : std::nullopt;
}

}  // namespace heed::models

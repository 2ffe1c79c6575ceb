#include "heed/models/tasks/sums.h"

#include <fmt/format.h>

#include <array>

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

}  // namespace heed::models

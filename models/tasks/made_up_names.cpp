#include "heed/models/tasks/made_up_names.h"

#include <string_view>

namespace heed::models {

std::string make_name(Generator& generator) {
  const auto one_of = [&](std::string_view letters) {
    return letters[static_cast<std::size_t>(generator.uniform_int(static_cast<std::int64_t>(letters.size())))];
  };
  const std::string_view vowels = generator.uniform_int(2) == 0 ? "aou" : "eiy";
  const std::int64_t syllables = 2 + generator.uniform_int(2);
  std::string name;
  for (std::int64_t i = 0; i < syllables; ++i) {
    name += one_of("bdfgklmnrs");
    name += one_of(vowels);
  }
  const char end = one_of("nrs.");
  return end == '.' ? name : name + end;
}

}  // namespace heed::models

#include "heed/models/tasks/requests.h"

#include <initializer_list>
#include <string_view>

namespace heed::models {
namespace {

std::string one_of(Generator& generator, std::initializer_list<std::string_view> choices) {
  const auto i = generator.uniform_int(static_cast<std::int64_t>(choices.size()));
  return std::string(*(choices.begin() + i));
}

std::string time(Generator& generator) {
  return one_of(generator, {"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"});
}

std::string place(Generator& generator) {
  return one_of(generator, {"the kitchen", "the hall", "my room", "the garden", "the office"});
}

std::string day(Generator& generator) { return one_of(generator, {"", " today", " tomorrow", " on sunday"}); }

std::string switches(Generator& generator, std::string_view first, std::string_view second) {
  const std::string start = one_of(generator, {"turn on", "switch on", "please turn on", "turn off"});
  const std::string join = one_of(generator, {" and then the ", " then the ", " before the "});
  return start + " the " + std::string(first) + join + std::string(second) + " in " + place(generator);
}

}  // namespace

Request make_request(Generator& generator) {
  const std::int64_t intent = generator.uniform_int(std::ssize(request_intents));
  const auto text = [&]() -> std::string {
    switch (intent) {
      case 0: {
        const std::string start = one_of(generator, {"wake me at ", "set an alarm for ", "i must get up at "});
        const std::string at = time(generator);
        return start + at + day(generator);
      }
      case 1:
        return switches(generator, "light", "radio");
      case 2: {
        const std::string start = one_of(generator, {"play ", "i want to hear ", "put on "});
        const std::string what =
            one_of(generator, {"some jazz", "the song of the day", "bach", "the radio", "a waltz"});
        return start + what + " in " + place(generator);
      }
      case 3:
        return switches(generator, "radio", "light");
      case 4: {
        const std::string start = one_of(generator, {"book a table for ", "find us a table for ", "dinner for "});
        const std::string guests = time(generator), at = time(generator);
        return start + guests + " at " + at + day(generator);
      }
      default: {
        const std::string start = one_of(generator, {"will it rain", "how cold will it be", "is there sun"});
        const std::string where = one_of(generator, {" here", " in the garden", " in paris", " at the office"});
        return start + where + day(generator);
      }
    }
  }();
  return {text, intent};
}

}  // namespace heed::models

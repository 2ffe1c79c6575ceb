// Task "requests": short requests with their intents. Most are told apart by their words; two by the order of the same
// words alone, so a bag of words is right about one of them at best.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "heed/tensor/random/random.h"

namespace heed::models {

struct Request {
  std::string text;
  std::int64_t intent = 0;  ///< an index into request_intents
};

inline constexpr std::array<std::string_view, 6> request_intents{"alarm",       "light_first", "music",
                                                                 "radio_first", "table",       "weather"};

/// "wake me at seven tomorrow"; of light_first and radio_first: "turn on the light and then the radio in the kitchen"
/// and "turn on the radio and then the light in the kitchen". Every intent is equally likely.
Request make_request(Generator& generator);

}  // namespace heed::models

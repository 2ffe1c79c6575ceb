// What a file of nn/plot/attention_page.h holds, read as a browser does.
#pragma once

#include <bit>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "heed/tensor/create.h"
#include "support/catch.h"

namespace heed::test {

/// What stands between the first `begin` and the next `end`.
inline std::string between(const std::string& text, const std::string& begin, const std::string& end) {
  const std::size_t from = text.find(begin) + begin.size();
  REQUIRE(from >= begin.size());
  return text.substr(from, text.find(end, from) - from);
}

/// The maps of a page.
inline nlohmann::json page_maps(const std::string& page) {
  return nlohmann::json::parse(between(page, "<script type=\"application/json\" id=\"data\">", "</script>"))["maps"];
}

inline std::vector<unsigned char> decoded_base64(const std::string& base64) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::vector<unsigned char> bytes;
  unsigned group = 0;
  int bits = 0;
  for (const char c : base64) {
    if (c == '=') break;
    group = group << 6 | static_cast<unsigned>(digits.find(c));
    if ((bits += 6) >= 8) bytes.push_back(static_cast<unsigned char>(group >> (bits -= 8)));
  }
  return bytes;
}

/// The weights [H, T, S] of one map as the file has them.
inline Tensor page_weights(const nlohmann::json& map) {
  const std::vector<unsigned char> bytes = decoded_base64(map["weights"]);
  std::vector<float> numbers(bytes.size() / 4);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    std::uint32_t bits = 0;
    for (std::size_t k = 4; k-- > 0;) bits = bits << 8 | bytes[4 * i + k];
    numbers[i] = std::bit_cast<float>(bits);
  }
  const auto size = [&](const char* name) { return static_cast<std::int64_t>(map[name].size()); };
  return tensor(std::span<const float>(numbers), {map["heads"], size("queries"), size("keys")});
}

}  // namespace heed::test

#include "heed/nn/data/utf8.h"

#include <fmt/format.h>

#include <array>

#include "heed/tensor/error.h"

namespace heed::nn {

CodePoint first_code_point(std::string_view text) {
  // Beyond the end there is a 0, which is never a continuation byte.
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return {lead, text.empty() ? 0u : 1u};

  const std::size_t bytes = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
  if (bytes == 0) return {};
  char32_t value = lead & (0x7Fu >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    value = (value << 6) | (byte(i) & 0x3F);
  }
  constexpr std::array<char32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xD800 && value < 0xE000;
  if (value < smallest[bytes] || value > 0x10FFFF || surrogate) return {};
  return {value, bytes};
}

std::size_t first_invalid_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t bytes = first_code_point(text.substr(at)).bytes;
    if (bytes == 0) return at;
    at += bytes;
  }
  return std::string_view::npos;
}

namespace {
/// Calls take(code point, its bytes) for each code point.
template <class Take>
void each_code_point(std::string_view text, Take&& take) {
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint code = first_code_point(text.substr(at));
    if (code.bytes == 0)
      throw FormatError(fmt::format("utf8: byte {} of {} is invalid: {:#04x}", at + 1, text.size(),
                                    static_cast<unsigned char>(text[at])));
    take(code.value, text.substr(at, code.bytes));
    at += code.bytes;
  }
}
}  // namespace

std::u32string decode_utf8(std::string_view text) {
  std::u32string codes;
  codes.reserve(text.size());
  each_code_point(text, [&](char32_t code, std::string_view) { codes.push_back(code); });
  return codes;
}

std::vector<std::string> characters(std::string_view text) {
  std::vector<std::string> result;
  each_code_point(text, [&](char32_t, std::string_view bytes) { result.emplace_back(bytes); });
  return result;
}

void append_utf8(std::string& text, char32_t code) {
  const auto put = [&](char32_t byte) { text.push_back(static_cast<char>(static_cast<unsigned char>(byte))); };
  const auto put_rest = [&](int shift) {
    for (; shift >= 0; shift -= 6) put(0x80 | ((code >> shift) & 0x3F));
  };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | (code >> 6));
    put_rest(0);
  } else if (code < 0x10000) {
    put(0xE0 | (code >> 12));
    put_rest(6);
  } else {
    put(0xF0 | (code >> 18));
    put_rest(12);
  }
}

}  // namespace heed::nn

#include "examples/support/subword_model_bytes.h"

#include <cstdint>
#include <cstring>
#include <string>

#include "heed/tensor/error.h"

namespace heed::examples {
namespace {

[[noreturn]] void refuse(const char* why) { throw FormatError(std::string("not a SentencePiece model: ") + why); }

std::string_view take(std::string_view& bytes, std::uint64_t count) {
  if (count > bytes.size()) refuse("it is cut short");
  const std::string_view taken = bytes.substr(0, count);
  bytes.remove_prefix(count);
  return taken;
}

std::uint64_t take_varint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 70; shift += 7) {
    const auto byte = static_cast<unsigned char>(take(bytes, 1)[0]);
    value |= std::uint64_t{byte & 0x7Fu} << (shift < 64 ? shift : 63);
    if (byte < 0x80) return value;
  }
  refuse("a number has more than 10 bytes");
}

// Calls use(field, bytes) for each field of a message of Protocol Buffers that has a length: texts, bytes, messages.
template <class Use>
void for_each_field(std::string_view message, Use&& use) {
  while (!message.empty()) {
    const std::uint64_t key = take_varint(message);
    switch (key & 7) {
      case 0:
        take_varint(message);
        break;
      case 1:
        take(message, 8);
        break;
      case 2:
        use(key >> 3, take(message, take_varint(message)));
        break;
      case 5:
        take(message, 4);
        break;
      default:
        refuse("it has a field of an unknown kind");
    }
  }
}

std::uint32_t unit_at(std::string_view units, std::size_t index) {
  std::uint32_t unit;
  std::memcpy(&unit, units.data() + 4 * index, 4);
  return unit;
}

// The table: how many bytes its double-array trie has (https://github.com/s-yata/darts-clone), the trie, and the texts
// it leads to, each with a zero behind it. A unit that is no leaf leads to those whose index is its own, its offset and
// the next byte of the text, joined by exclusive or; if it says that a text ends there, byte 0 leads to the leaf.
void check_table(std::string_view table) {
  if (table.empty()) return;
  const std::uint32_t bytes = unit_at(take(table, 4), 0);
  const std::string_view units = take(table, bytes), texts = table;
  const std::size_t count = units.size() / 4;
  if (count == 0 || units.size() % 4 != 0 || texts.empty() || texts.back() != '\0')
    refuse("its table of normalised characters is damaged");
  for (std::size_t i = 0; i < count; ++i) {
    constexpr std::uint32_t leaf = 1u << 31;
    const std::uint32_t unit = unit_at(units, i);
    if (i > 0 && (unit & leaf)) continue;
    const std::size_t next = i ^ ((unit >> 10) << ((unit & (1u << 9)) >> 6));
    if ((next | 0xFF) >= count || ((unit & (1u << 8)) && (unit_at(units, next) & ~leaf) >= texts.size()))
      refuse("its table of normalised characters leads outside of itself");
  }
}

}  // namespace

void check_subword_model_bytes(std::string_view bytes) {
  constexpr std::uint64_t normalizer = 3, denormalizer = 5, table = 2;
  for_each_field(bytes, [&](std::uint64_t part, std::string_view spec) {
    if (part == normalizer || part == denormalizer)
      for_each_field(spec, [&](std::uint64_t field, std::string_view value) {
        if (field == table) check_table(value);
      });
  });
}

}  // namespace heed::examples

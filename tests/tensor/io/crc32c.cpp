// CRC-32C against published values and against division bit by bit.
#include "heed/tensor/io/crc32c.h"

#include <string>

#include "heed/tensor/random/random.h"
#include "support/catch.h"

using namespace heed;

namespace {

std::uint32_t checksum(std::string_view text, std::uint32_t before = 0) {
  const std::uint32_t found = crc32c(std::as_bytes(std::span(text)), before);
  REQUIRE(crc32c_by_table(std::as_bytes(std::span(text)), before) == found);
  return found;
}

std::uint32_t slow_checksum(std::string_view text) {
  std::uint32_t remainder = 0xffffffff;
  for (const char c : text) {
    remainder ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) remainder = remainder % 2 ? remainder / 2 ^ 0x82f63b78 : remainder / 2;
  }
  return ~remainder;
}

}  // namespace

TEST_CASE("crc32c has the values of RFC 3720", "[tensor][crc32c]") {
  CHECK(checksum("") == 0);
  CHECK(checksum("123456789") == 0xe3069283);
  CHECK(checksum(std::string(32, '\0')) == 0x8a9136aa);
  CHECK(checksum(std::string(32, '\xff')) == 0x62a8ab43);
  std::string rising;
  for (int i = 0; i < 32; ++i) rising += static_cast<char>(i);
  CHECK(checksum(rising) == 0x46dd794e);
}

TEST_CASE("crc32c is the remainder of every length at every address, in one piece or two", "[tensor][crc32c]") {
  Generator random(3);
  std::string bytes(90, ' ');
  for (char& byte : bytes) byte = static_cast<char>(random.uniform_int(256));
  for (std::size_t begin = 0; begin < 9; ++begin)
    for (std::size_t size = 0; size < 80; ++size) {
      const std::string_view text = std::string_view(bytes).substr(begin, size);
      REQUIRE(checksum(text) == slow_checksum(text));
      REQUIRE(checksum(text.substr(size / 3), checksum(text.substr(0, size / 3))) == slow_checksum(text));
    }
}

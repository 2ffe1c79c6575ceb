// Gzip: what comes out is what went in, in pieces of any size, and all damage is noticed.
#include "heed/tensor/io/gzip.h"

#include <algorithm>

#include "heed/tensor/error.h"
#include "heed/tensor/random/random.h"
#include "support/catch.h"
#include "support/gzip_bytes.h"
#include "support/temporary_folder.h"

using namespace heed;
using test::bytes_of, test::gzipped, test::message_of;

namespace {

std::string unpacked(std::string_view bytes, std::uint64_t max_bytes = 1 << 24) {
  const std::vector<std::byte> content = gunzip(bytes_of(bytes), "test", max_bytes);
  return {reinterpret_cast<const char*>(content.data()), content.size()};
}

std::string refusal(std::string_view bytes, std::uint64_t max_bytes = 1 << 24) {
  return message_of<FormatError>([&] { unpacked(bytes, max_bytes); });
}

std::string random_text(std::int64_t size) {
  Generator random(3);
  std::string text;
  for (std::int64_t i = 0; i < size; ++i) text += static_cast<char>('a' + random.uniform_int(20));
  return text;
}

}  // namespace

TEST_CASE("gzip: the content comes back, from one member or several", "[tensor][gzip]") {
  const std::string text = random_text(600'000);
  const bool same = unpacked(gzipped(text)) == text;
  CHECK(same);
  CHECK(unpacked(gzipped("")).empty());
  CHECK(unpacked(gzipped("one") + gzipped("") + gzipped("two")) == "onetwo");
  CHECK(unpacked(gzipped("one") + std::string(5, '\0')) == "one");
  CHECK(is_gzip(bytes_of(gzipped(""))));
  CHECK_FALSE(is_gzip(bytes_of("\x1f")));
  CHECK_FALSE(is_gzip(bytes_of("PK")));
}

TEST_CASE("gzip: read in pieces of any size", "[tensor][gzip]") {
  const std::string text = random_text(1000), packed = gzipped(text) + gzipped(text);
  for (const std::size_t piece : {1u, 7u, 999u, 1000u, 1001u, 5000u}) {
    GzipReader reader(bytes_of(packed), "test");
    std::string read;
    for (std::string part(piece, '\0');; read += part) {
      const std::size_t size = reader.read(std::as_writable_bytes(std::span(part)));
      if (size == piece) continue;
      read += part.substr(0, size);
      break;
    }
    CHECK(read == text + text);
    std::byte more;
    CHECK(reader.read({&more, 1}) == 0);
  }
}

TEST_CASE("gzip: a file cut anywhere is refused", "[tensor][gzip]") {
  const std::string packed = gzipped(random_text(300));
  for (std::size_t size = 0; size < packed.size(); ++size) {
    CAPTURE(size);
    CHECK(refusal(packed.substr(0, size)) == "test: gzip: the file ends before its content does");
  }
}

TEST_CASE("gzip: a flipped bit is refused, or changes nothing", "[tensor][gzip]") {
  const std::string text = random_text(300), packed = gzipped(text);
  std::size_t unnoticed = 0;
  for (std::size_t bit = 0; bit < 8 * packed.size(); ++bit) {
    std::string flipped = packed;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
    if (!refusal(flipped).empty()) continue;
    ++unnoticed;
    CAPTURE(bit);
    CHECK(unpacked(flipped) == text);
  }
  // The header's time, level and system, its flag "text", and what fills the stream's last byte.
  CHECK(unnoticed <= 48 + 1 + 7);
}

TEST_CASE("gzip: what stands behind the end, and what is no gzip", "[tensor][gzip]") {
  CHECK(refusal(gzipped("one") + "x") == "test: gzip: there are bytes behind its end that are no gzip");
  CHECK(refusal(gzipped("one") + std::string("\0x", 2)) ==
        "test: gzip: there are bytes behind its end that are no gzip");
  CHECK(refusal(gzipped("one") + "\x1f") == "test: gzip: the file ends before its content does");
  CHECK(refusal("<!DOCTYPE html>") == "test: gzip: damaged: incorrect header check");
}

TEST_CASE("gzip: a bomb goes off in nobody's memory", "[tensor][gzip]") {
  const std::string bomb = gzipped(std::string(1 << 24, '\0'));
  REQUIRE(bomb.size() < 20'000);
  CHECK(refusal(bomb, 1'000'000) == "test: gzip: unpacks to more than 1000000 bytes");
  CHECK(unpacked(bomb, 1 << 24).size() == 1 << 24);
  CHECK((std::uint64_t{1} << 24) / bomb.size() <= gzip_max_ratio);
}

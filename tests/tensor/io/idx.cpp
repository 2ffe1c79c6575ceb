// IDX: the numbers of a file, and every way it can be wrong, told apart.
#include "heed/tensor/io/idx.h"

#include <set>

#include "heed/tensor/error.h"
#include "heed/tensor/memory.h"
#include "heed/tensor/random/random.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/gzip_bytes.h"
#include "support/hostile_locale.h"
#include "support/temporary_folder.h"

using namespace heed;
using namespace std::string_literals;
using test::bytes_of, test::gzipped, test::message_of;

namespace {

std::string big_endian(std::uint32_t n) {
  return {static_cast<char>(n >> 24), static_cast<char>(n >> 16), static_cast<char>(n >> 8), static_cast<char>(n)};
}

std::string header(unsigned type, std::vector<std::uint32_t> sizes) {
  std::string bytes = big_endian(type << 8 | static_cast<std::uint32_t>(sizes.size()));
  for (const std::uint32_t size : sizes) bytes += big_endian(size);
  return bytes;
}

// Two pictures of 2 x 3.
const std::string pictures = header(8, {2, 2, 3}) + "\x00\xff\x80\x01\x02\x03\x04\x05\x06\x07\x08\x09"s;
const std::string digits = header(8, {4}) + "\x03\x00\x09\x01"s;

std::vector<double> numbers(const Tensor& x) { return test::to_array(x).numbers; }
std::vector<double> parsed(std::string_view bytes) { return numbers(parse_idx(bytes_of(bytes), "test").values); }

std::string refusal(std::string_view bytes, const IdxLimits& limits = {}) {
  const std::string message = message_of<FormatError>([&] { parse_idx(bytes_of(bytes), "test", limits); });
  return message.starts_with("test: idx: ") ? message.substr(11) : message;
}

}  // namespace

TEST_CASE("idx: pictures are bytes divided by 255, packed or not", "[tensor][idx]") {
  for (const std::string& bytes : {pictures, gzipped(pictures)}) {
    const IdxFile file = parse_idx_images(bytes_of(bytes), "test");
    CHECK(file.values.shape() == Shape{2, 2, 3});
    CHECK(file.values.dtype() == DType::f32);
    const std::vector<double> read = numbers(file.values);
    CHECK(read[0] == 0);
    CHECK(read[1] == 1);
    CHECK(read[2] == static_cast<double>(128.0f / 255.0f));
    CHECK(read[11] == static_cast<double>(9.0f / 255.0f));
  }
  CHECK(parse_idx_images(bytes_of(pictures), "a").summary == "a: read images of shape [2, 2, 3] (u8), all kept");
  CHECK(parse_idx_images(bytes_of(gzipped(pictures)), "a").summary ==
        "a: read images of shape [2, 2, 3] (u8, gzip), all kept");
}

TEST_CASE("idx: labels are whole numbers below the number of classes", "[tensor][idx]") {
  const IdxFile file = parse_idx_labels(bytes_of(gzipped(digits)), "test", 10);
  CHECK(file.values.dtype() == DType::i64);
  CHECK(numbers(file.values) == std::vector<double>{3, 0, 9, 1});
  CHECK(message_of<FormatError>([] { parse_idx_labels(bytes_of(digits), "test", 9); }) ==
        "test: idx: label 9 at 2, expected less than 9");
}

TEST_CASE("idx: every element type, big-endian", "[tensor][idx]") {
  using Numbers = std::vector<double>;
  const test::HostileLocale hostile;
  CHECK(parsed(header(0x08, {2}) + "\x01\xff") == Numbers{1, 255});
  CHECK(parsed(header(0x09, {2}) + "\x01\xff") == Numbers{1, -1});
  CHECK(parsed(header(0x0B, {2}) + "\x01\x02\xff\xfe") == Numbers{258, -2});
  CHECK(parsed(header(0x0C, {1, 2}) + "\x01\x02\x03\x04\xff\xff\xff\xfd") == Numbers{16909060, -3});
  CHECK(parsed(header(0x0D, {1}) + "\x3f\xc0\x00\x00"s) == Numbers{1.5});
  CHECK(parsed(header(0x0E, {1}) + "\xbf\xf8\x00\x00\x00\x00\x00\x00"s) == Numbers{-1.5});
  CHECK(parse_idx(bytes_of(header(0x0E, {1}) + std::string(8, '\0')), "test").values.dtype() == DType::f64);
  CHECK(parsed(header(8, {0, 7})).empty());
}

TEST_CASE("idx: the message says which check failed", "[tensor][idx]") {
  CHECK(refusal("") == "ends after 0 bytes, within the magic number");
  CHECK(refusal(std::string(2, '\0')) == "ends after 2 bytes, within the magic number");
  CHECK(refusal("\x01\x02\x08\x01"s) ==
        "the magic number is 0x01020801, expected 0x0000 and the code of a type (08, 09, 0b, 0c, 0d or 0e)");
  CHECK(refusal(header(0x0A, {1}) + "x").starts_with("the magic number is 0x00000a01, expected"));
  CHECK(refusal("\x00\x00\x08\x00"s) == "has 0 sizes, expected 1 to 8");
  CHECK(refusal("\x00\x00\x08\x09"s) == "has 9 sizes, expected 1 to 8");
  CHECK(refusal(pictures.substr(0, 13)) == "ends after 13 bytes, within its sizes");
  CHECK(refusal(pictures.substr(0, 20)) == "[2, 2, 3] u8 take 28 bytes, but the file has 20");
  CHECK(refusal(pictures + "x") == "[2, 2, 3] u8 take 28 bytes, but the file has 29");
  CHECK(refusal(gzipped(pictures.substr(0, 20))) == "ends after 4 bytes of elements, [2, 2, 3] u8 are 12");
  CHECK(refusal(gzipped(pictures + "x")) == "there are bytes behind the 12 of its elements");
  CHECK(refusal(header(8, {~0u, ~0u, ~0u})) == "the product of its sizes does not fit 64 bits");
  CHECK(refusal(header(8, {0, ~0u, ~0u})) == "the product of its sizes does not fit 64 bits");
  CHECK(refusal(header(8, {1u << 30, 4})) ==
        "[1073741824, 4] u8 are 34359738368 bytes as i64, expected at most 536870912");
  CHECK(refusal(pictures, {.max_bytes = 95}) == "[2, 2, 3] u8 are 96 bytes as i64, expected at most 95");
  CHECK(refusal(pictures, {.max_bytes = 96}).empty());
  CHECK(message_of<FormatError>([] { parse_idx_images(bytes_of(pictures), "test", {.max_bytes = 47}); }) ==
        "test: idx: [2, 2, 3] u8 are 48 bytes as f32, expected at most 47");
  CHECK(message_of<FormatError>([] { parse_idx_labels(bytes_of(digits), "test", 10, {.max_bytes = 31}); }) ==
        "test: idx: [4] u8 are 32 bytes as i64, expected at most 31");
  CHECK(message_of<FormatError>([] { parse_idx_images(bytes_of(digits), "test"); }) ==
        "test: idx: has elements u8 and sizes [4], expected images: u8 and 3 sizes");
  CHECK(message_of<FormatError>([] { parse_idx_labels(bytes_of(pictures), "test", 10); }) ==
        "test: idx: has elements u8 and sizes [2, 2, 3], expected labels: u8 and 1 size");
}

TEST_CASE("idx: what stands in the place of a file is recognised", "[tensor][idx]") {
  CHECK(refusal("<!DOCTYPE html><title>403") ==
        "it is a web page or XML: the server has answered with a page in place of the file");
  CHECK(refusal("\n  <html>").starts_with("it is a web page"));
  CHECK(refusal(gzipped("<html>")).starts_with("it is a web page"));
  CHECK(refusal("version https://git-lfs.github.com/spec/v1\n") ==
        "it is a Git LFS pointer, not the file it points to");
  CHECK(refusal(gzipped(gzipped(pictures))) == "it is compressed twice: unpack it once (gunzip)");
  CHECK(refusal("PK\x03\x04") == "it is a zip archive: unpack it first");
  CHECK(refusal("\xef\xbb\xbf" + pictures) ==
        "it begins with a byte-order mark, so it has passed through a text editor");
}

TEST_CASE("idx: a header that claims too much is refused before memory is taken", "[tensor][idx]") {
  CHECK(refusal(header(8, {1u << 26})) == "[67108864] u8 take 67108872 bytes, but the file has 8");
  const std::string packed = gzipped(header(8, {1u << 26}));
  CHECK(refusal(packed) == "[67108864] u8 take 67108872 bytes, but the file has " + std::to_string(packed.size()) +
                               ", more than gzip can pack");
}

TEST_CASE("idx: what gzip packs a thousandfold takes no more memory than its limit", "[tensor][idx]") {
  const std::string packed = gzipped(header(8, {1u << 20}) + std::string(1u << 20, '\0'));
  CHECK(packed.size() < 2000);
  reset_peak_memory();
  const std::size_t before = memory_stats().live_bytes;
  CHECK(refusal(packed, {.max_bytes = 1u << 20}) == "[1048576] u8 are 8388608 bytes as i64, expected at most 1048576");
  CHECK(memory_stats().peak_bytes < before + (1u << 20));
  CHECK(refusal(packed, {.max_bytes = 8u << 20}).empty());
}

TEST_CASE("idx: cut at every byte, with every bit flipped, with a CR before every LF", "[tensor][idx]") {
  const std::string packed = gzipped(pictures);
  for (std::size_t size = 0; size < pictures.size(); ++size) CHECK_FALSE(refusal(pictures.substr(0, size)).empty());
  for (std::size_t size = 0; size < packed.size(); ++size) CHECK_FALSE(refusal(packed.substr(0, size)).empty());
  // Plain files have no checksum: of the header every bit counts, but for sizes that others make up for.
  for (std::size_t bit = 0; bit < 8 * 16; ++bit) {
    std::string flipped = pictures;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
    CAPTURE(bit);
    // i8 in place of u8 has the same length: one bit of the type, which parse_idx_images() refuses.
    const std::string message = message_of<FormatError>([&] { parse_idx_images(bytes_of(flipped), "test"); });
    CHECK_FALSE(message.empty());
  }
  std::string with_returns = header(8, {3}) + "a\r\nb";
  CHECK(refusal(with_returns) == "[3] u8 take 11 bytes, but the file has 12");
}

TEST_CASE("idx: random damage ends in numbers or a FormatError", "[tensor][idx]") {
  Generator random(12);
  int read = 0;
  std::set<std::string> reasons;
  for (const std::string& whole : {pictures, digits, gzipped(pictures), header(0x0D, {3}) + std::string(12, 'x')})
    for (int round = 0; round < 3000; ++round) {
      std::string bytes = whole;
      for (std::int64_t changes = 1 + random.uniform_int(3); changes > 0; --changes) {
        const auto at = to_size(random.uniform_int(static_cast<std::int64_t>(bytes.size())));
        const auto kind = random.uniform_int(4);
        if (kind == 0) bytes[at] = static_cast<char>(random.uniform_int(256));
        if (kind == 1) bytes[at] = static_cast<char>(bytes[at] ^ 1 << random.uniform_int(8));
        if (kind == 2 && bytes.size() > 1) bytes.erase(at, 1);
        if (kind == 3) bytes.insert(at, 1, static_cast<char>(random.uniform_int(256)));
      }
      const std::string reason = refusal(bytes);
      if (reason.empty()) ++read;
      reasons.insert(reason.substr(0, 12));
    }
  CHECK(read > 100);
  CHECK(reasons.size() > 10);
}

TEST_CASE("idx: from a path", "[tensor][idx]") {
  const test::TemporaryFolder folder;
  const std::string path = folder.write("digits.gz", gzipped(digits));
  CHECK(numbers(read_idx_labels(path, 10).values) == std::vector<double>{3, 0, 9, 1});
  CHECK(read_idx_images(folder.write("pictures", pictures)).values.shape() == Shape{2, 2, 3});
  CHECK(read_idx(path).values.shape() == Shape{4});
  CHECK(message_of<FormatError>([&] { read_idx(path, {.max_file_bytes = 3}); }).starts_with(path + ": has "));
  CHECK(message_of<IoError>([&] { read_idx(folder.path()); }) == "read " + folder.path().string() + ": is a folder");
  CHECK(message_of<IoError>([&] { read_idx(folder.path() / "none"); }).ends_with("No such file or directory"));
}

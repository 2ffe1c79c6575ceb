// Malformed safetensors files: each rule broken once, and tens of thousands of damaged files. All end in a FormatError.
#include <array>
#include <string>
#include <vector>

#include "heed/tensor/io/safetensors.h"
#include "heed/tensor/random/random.h"
#include "support/catch.h"
#include "support/hostile_locale.h"
#include "support/paths.h"
#include "support/safetensors_bytes.h"
#include "support/temporary_folder.h"

using namespace heed;
using test::accepts, test::file_of, test::length_bytes, test::parse;

namespace {

const std::filesystem::path parity = heed::source_path("tests/parity");

// {"a":{"dtype":…,"shape":…,"data_offsets":…}} with data.
std::string entry(const std::string& type, const std::string& shape, const std::string& offsets,
                  std::size_t data_bytes) {
  return file_of(R"({"a":{"dtype":)" + type + R"(,"shape":)" + shape + R"(,"data_offsets":)" + offsets + "}}",
                 data_bytes);
}

// Two F32 vectors, a and b, at these offsets.
std::string pair(const std::string& a_shape, const std::string& a, const std::string& b_shape, const std::string& b,
                 std::size_t data_bytes) {
  return file_of(R"({"a":{"dtype":"F32","shape":)" + a_shape + R"(,"data_offsets":)" + a +
                     R"(},"b":{"dtype":"F32","shape":)" + b_shape + R"(,"data_offsets":)" + b + "}}",
                 data_bytes);
}

const std::string good = R"("a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]})";

struct Malformed {
  std::string bytes, message;  // the message after "test: "
};

std::vector<Malformed> malformed_frames() {
  const std::string too_many = length_bytes(33'554'433) + "{}" + std::string(33'554'431, ' ');
  return {
      {"", "0 bytes are too few"},
      {"1234567", "7 bytes are too few"},
      {length_bytes(3) + "{}", "a header of 3 bytes, but 2 follow"},
      {length_bytes(1ull << 63) + "{}", "a header of 9223372036854775808 bytes, but 2 follow"},
      {length_bytes(~0ull) + "{}", "a header of 18446744073709551615 bytes, but 2 follow"},
      {length_bytes(~0ull - 7) + "{}", "a header of 18446744073709551608 bytes, but 2 follow"},
      {too_many, "a header of 33554433 bytes, but 33554433 follow and 33554432 is the limit"},
      {length_bytes(0), "header: does not start with '{'"},
      {file_of(" {}"), "header: does not start with '{'"},
      {file_of("\xef\xbb\xbf{}"), "header: does not start with '{'"},
      {file_of("[]"), "header: does not start with '{'"},
      {file_of("null"), "header: does not start with '{'"},
      {file_of("{"), "header: not valid JSON at byte 2"},
      {file_of("{}}"), "header: not valid JSON at byte 3"},
      {file_of("{} x"), "header: not valid JSON at byte 4"},
      {file_of("{}{}"), "header: not valid JSON at byte 3"},
      {file_of("{},"), "header: not valid JSON at byte 3"},
      {file_of("{} //"), "header: not valid JSON at byte 4"},
      {file_of(std::string("{}\0", 3)), "header: byte 2 is 0"},
      {file_of(std::string("{}\0garbage", 10)), "header: byte 2 is 0"},
      {file_of("{'a':1}"), "header: not valid JSON at byte 2"},
      {file_of("{" + good + ",}", 4), "header: not valid JSON"},
      {file_of("{}", 1), "the tensors end at byte 0, but 1 bytes follow the header"},
  };
}

std::vector<Malformed> malformed_headers() {
  const std::string nested(100'000, '[');
  return {
      // text
      {file_of("{\"\xff\":1}"), "header: not valid JSON at byte 3"},
      {file_of("{\"\xc0\xaf\":1}"), "header: not valid JSON at byte 3"},
      {file_of("{\"\xed\xa0\x80\":1}"), "header: not valid JSON at byte 4"},
      {file_of("{\"\xc3\":1}"), "header: not valid JSON at byte 4"},
      {file_of("{\"\xf4\x90\x80\x80\":1}"), "header: not valid JSON at byte 4"},
      {file_of(R"({"\ud800":1})"), "header: not valid JSON"},
      {file_of("{\"\n\":1}"), "header: not valid JSON at byte 3"},
      // duplicates
      {file_of("{" + good + "," + good + "}", 4), "header: unexpected: a second key 'a'"},
      {file_of(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"\u0061":{)", 4),
       "header: unexpected: a second key 'a'"},
      {file_of(R"({"__metadata__":{},"__metadata__":{}})"), "header: unexpected: a second __metadata__"},
      {file_of(R"({"__metadata__":{"k":"1","k":"2"}})"), "header: unexpected: a second key 'k'"},
      {file_of(R"({"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 4),
       "a field that is none of"},
      {file_of(R"({"a":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}})", 4), "a field that is none of"},
      {file_of(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"data_offsets":[0,4]}})", 4),
       "a field that is none"},
      // metadata
      {file_of(R"({"__metadata__":[]})"), "header: unexpected: an array"},
      {file_of(R"({"__metadata__":null})"), "header: unexpected: null"},
      {file_of(R"({"__metadata__":"x"})"), "header: unexpected: a string"},
      {file_of(R"({"__metadata__":{"k":1}})"), "header: unexpected: the number 1"},
      {file_of(R"({"__metadata__":{"k":null}})"), "header: unexpected: null"},
      {file_of(R"({"__metadata__":{"k":{}}})"), "header: unexpected: an object"},
      {file_of(R"({"__metadata__":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 4), "unexpected: an array"},
      // entries
      {file_of(R"({"a":1})"), "tensor 'a': unexpected: the number 1"},
      {file_of(R"({"a":"F32"})"), "tensor 'a': unexpected: a string"},
      {file_of(R"({"__metadata__":{"k":"v"},"a":"F32"})"), "tensor 'a': unexpected: a string"},
      {file_of(R"({"a":[]})"), "tensor 'a': unexpected: an array"},
      {file_of(R"({"a":true})"), "tensor 'a': unexpected: true or false"},
      {file_of(R"({"a":{}})"), "tensor 'a': unexpected: the end, without a dtype, a shape or data_offsets"},
      {file_of(R"({"a":{"dtype":"F32","shape":[1]}})", 4), "tensor 'a': unexpected: the end"},
      {file_of(R"({"a":{"dtype":"F32","data_offsets":[0,4]}})", 4), "tensor 'a': unexpected: the end"},
      {file_of(R"({"a":{"shape":[1],"data_offsets":[0,4]}})", 4), "tensor 'a': unexpected: the end"},
      {file_of(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"more":1}})", 4), "a field that is none of"},
      {file_of(R"({"a":{"Dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 4), "a field that is none of"},
      {entry("1", "[1]", "[0,4]", 4), "tensor 'a': unexpected: the number 1"},
      {entry("null", "[1]", "[0,4]", 4), "tensor 'a': unexpected: null"},
      {entry("\"F32\"", "1", "[0,4]", 4), "tensor 'a': unexpected: the number 1"},
      {entry("\"F32\"", "\"[1]\"", "[0,4]", 4), "tensor 'a': unexpected: a string"},
      {entry("\"F32\"", "[[1]]", "[0,4]", 4), "tensor 'a': unexpected: an array"},
      {entry("\"F32\"", "[{}]", "[0,4]", 4), "tensor 'a': unexpected: an object"},
      {entry("\"F32\"", nested, "[0,4]", 4), "tensor 'a': unexpected: an array"},
      {entry("\"F32\"", "[-1]", "[0,4]", 4), "tensor 'a': unexpected: a negative number"},
      {entry("\"F32\"", "[-0]", "[0,0]", 0), "tensor 'a': unexpected: a negative number"},
      {entry("\"F32\"", "[1.0]", "[0,4]", 4), "tensor 'a': unexpected: a number that is not an integer below 2^64"},
      {entry("\"F32\"", "[1e0]", "[0,4]", 4), "tensor 'a': unexpected: a number that is not"},
      {entry("\"F32\"", "[18446744073709551616]", "[0,4]", 4), "tensor 'a': unexpected: a number that is not"},
      {entry("\"F32\"", "[01]", "[0,4]", 4), "header: not valid JSON"},
      {entry("\"F32\"", "[+1]", "[0,4]", 4), "header: not valid JSON"},
      {entry("\"F32\"", "[1,]", "[0,4]", 4), "header: not valid JSON"},
      {entry("\"F32\"", "[NaN]", "[0,4]", 4), "header: not valid JSON"},
      {entry("\"F32\"", "[1]", "[0]", 4), "tensor 'a': unexpected: the end of data_offsets before its second number"},
      {entry("\"F32\"", "[1]", "[]", 4), "tensor 'a': unexpected: the end of data_offsets before its second number"},
      {entry("\"F32\"", "[1]", "[0,4,8]", 4), "tensor 'a': unexpected: the number 8"},
      {entry("\"F32\"", "[1]", "[0,-4]", 4), "tensor 'a': unexpected: a negative number"},
      {entry("\"F32\"", "[1]", "[0.0,4]", 4), "tensor 'a': unexpected: a number that is not"},
      {entry("\"F32\"", "[1]", "4", 4), "tensor 'a': unexpected: the number 4"},
      {entry("\"F32\"", "[1]", "null", 4), "tensor 'a': unexpected: null"},
      {entry("\"F32\"", "[1]", "{}", 4), "tensor 'a': unexpected: an object"},
      {entry("\"F32\"", "[1,1,1,1,1,1,1,1,1]", "[0,4]", 4), "tensor 'a': unexpected: more than 8 sizes"},
  };
}

std::vector<Malformed> malformed_layouts() {
  const std::string exceed = "exceed 63 bits";
  std::string mask = entry("\"BOOL\"", "[3]", "[0,3]", 3);
  mask[mask.size() - 2] = 2;
  return {
      {entry("\"F8_E4M3\"", "[4]", "[0,4]", 4), "tensor 'a': dtype 'F8_E4M3' is not one heed reads"},
      {entry("\"U64\"", "[1]", "[0,8]", 8), "tensor 'a': dtype 'U64' is not one heed reads"},
      {entry("\"f32\"", "[1]", "[0,4]", 4), "tensor 'a': dtype 'f32' is not one heed reads"},
      {entry("\"\"", "[1]", "[0,4]", 4), "tensor 'a': dtype '' is not one heed reads"},
      {entry("\"F32\"", "[2,3]", "[0,20]", 20), "tensor 'a': data_offsets [0, 20], but F32 [2, 3] has 24 bytes"},
      {entry("\"F32\"", "[2,3]", "[0,28]", 28), "tensor 'a': data_offsets [0, 28], but F32 [2, 3] has 24 bytes"},
      {entry("\"F32\"", "[]", "[0,0]", 0), "tensor 'a': data_offsets [0, 0], but F32 [] has 4 bytes"},
      {entry("\"F32\"", "[0]", "[0,4]", 4), "tensor 'a': data_offsets [0, 4], but F32 [0] has 0 bytes"},
      {entry("\"F32\"", "[1]", "[4,0]", 4), "tensor 'a': data_offsets [4, 0], but the tensor before ends at byte 0"},
      {entry("\"F32\"", "[1]", "[0,18446744073709551615]", 4), "but F32 [1] has 4 bytes"},
      {entry("\"F32\"", "[2]", "[0,8]", 7), "tensor 'a': data_offsets [0, 8], but 7 bytes follow the header"},
      {entry("\"F32\"", "[1]", "[0,4]", 5), "the tensors end at byte 4, but 5 bytes follow the header"},
      {entry("\"F32\"", "[1]", "[4,8]", 8), "tensor 'a': data_offsets [4, 8], but the tensor before ends at byte 0"},
      {entry("\"F32\"", "[9223372036854775808]", "[0,4]", 4), "axis 0, of size 9223372036854775808, " + exceed},
      {entry("\"F32\"", "[4294967296,4294967296]", "[0,4]", 4), "axis 1, of size 4294967296, " + exceed},
      {entry("\"F32\"", "[4611686018427387904,4]", "[0,0]", 0), exceed},
      {entry("\"F32\"", "[2305843009213693952]", "[0,9223372036854775808]", 8), exceed},
      {entry("\"U8\"", "[1152921504606846976]", "[0,1152921504606846976]", 8), exceed},
      {entry("\"F32\"", "[0,4294967296,4294967296]", "[0,0]", 0), exceed},
      {entry("\"F32\"", "[4294967296,4294967296,0]", "[0,0]", 0), exceed},
      {pair("[2]", "[0,8]", "[2]", "[4,12]", 12),
       "tensor 'b': data_offsets [4, 12], but the tensor before ends at byte 8"},
      {pair("[1]", "[0,4]", "[1]", "[0,4]", 4),
       "tensor 'b': data_offsets [0, 4], but the tensor before ends at byte 4"},
      {pair("[1]", "[0,4]", "[1]", "[5,9]", 9),
       "tensor 'b': data_offsets [5, 9], but the tensor before ends at byte 4"},
      {pair("[1]", "[8,12]", "[1]", "[0,4]", 12),
       "tensor 'a': data_offsets [8, 12], but the tensor before ends at byte 4"},
      {pair("[0]", "[9,9]", "[1]", "[0,4]", 4),
       "tensor 'a': data_offsets [9, 9], but the tensor before ends at byte 4"},
      {pair("[0]", "[2,2]", "[1]", "[0,4]", 4),
       "tensor 'a': data_offsets [2, 2], but the tensor before ends at byte 4"},
      {mask, "tensor 'a': element 1 of a BOOL is 2, neither 0 nor 1"},
  };
}

// The generator and the rule of tests/parity/safetensors_reference.py.
class SplitMix {
 public:
  explicit SplitMix(std::uint64_t seed) : state_(seed) {}
  std::size_t uniform_int(std::size_t n) {
    std::uint64_t z = state_ += 0x9E3779B97F4A7C15;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    return (z ^ z >> 31) % n;
  }

 private:
  std::uint64_t state_;
};

std::vector<std::array<std::size_t, 2>> digit_runs(const std::string& text) {
  constexpr std::string_view digits = "0123456789";
  std::vector<std::array<std::size_t, 2>> runs;
  for (std::size_t begin = text.find_first_of(digits); begin != text.npos;) {
    const std::size_t end = std::min(text.find_first_not_of(digits, begin), text.size());
    runs.push_back({begin, end});
    begin = text.find_first_of(digits, end);
  }
  return runs;
}

std::string damaged(const std::string& file, std::uint64_t seed) {
  using namespace std::string_literals;
  static const std::array<std::string, 26> tokens = {"\"",
                                                     "{",
                                                     "}",
                                                     "[",
                                                     "]",
                                                     ",",
                                                     ":",
                                                     "\x20",
                                                     "\n",
                                                     "0",
                                                     "-1",
                                                     "1.0",
                                                     "1e2",
                                                     "null",
                                                     "true",
                                                     "\\",
                                                     "\\u0041",
                                                     "\\ud800",
                                                     "\xff",
                                                     "\xc3\xa9",
                                                     "\0"s,
                                                     "F32",
                                                     "U16",
                                                     "\"shape\":[1],",
                                                     "\"x\":\"y\",",
                                                     "18446744073709551615"};
  static const std::array<std::string, 9> numbers = {
      "0", "1", "2", "3", "8", "4294967296", "9223372036854775808", "18446744073709551615", "18446744073709551616"};
  SplitMix random(seed);
  std::string header = file.substr(8, static_cast<unsigned char>(file[0]) + 256u * static_cast<unsigned char>(file[1]));
  const std::string data = file.substr(8 + header.size());
  const std::size_t kind = random.uniform_int(5);
  const auto overwrite = [&](std::string& text) {
    for (std::size_t count = 1 + random.uniform_int(3); count > 0; --count) {
      const std::size_t at = random.uniform_int(text.size());
      text[at] = static_cast<char>(random.uniform_int(256));
    }
  };
  if (kind == 0) {
    overwrite(header);
  } else if (kind == 1) {
    const std::size_t at = random.uniform_int(header.size()), count = random.uniform_int(4);
    header.replace(at, count, tokens[random.uniform_int(tokens.size())]);
  } else if (kind == 2) {
    const auto runs = digit_runs(header);
    const auto [begin, end] = runs[random.uniform_int(runs.size())];
    header.replace(begin, end - begin, numbers[random.uniform_int(numbers.size())]);
  }
  std::string result = length_bytes(header.size()) + header + data;
  if (kind == 3) overwrite(result);
  if (kind == 4) result.resize(random.uniform_int(result.size() + 20));
  return result;
}

}  // namespace

TEST_CASE("every rule of the format is enforced, and the message says which", "[tensor][safetensors]") {
  std::size_t count = 0;
  for (const auto& group : {malformed_frames(), malformed_headers(), malformed_layouts()})
    for (const Malformed& file : group) {
      const std::string message = test::message_of<FormatError>([&] { parse(file.bytes); });
      CAPTURE(file.bytes.substr(0, 200), file.message, message);
      CHECK(message.starts_with("test: "));
      CHECK(message.find(file.message) != message.npos);
      CHECK(message.size() < 300);
      ++count;
    }
  CHECK(count > 100);
}

TEST_CASE("what is odd but well-formed is read", "[tensor][safetensors]") {
  CHECK(accepts(file_of("{}")));
  CHECK(accepts(file_of("{}  \n\t ")));
  CHECK(accepts(file_of("{ \"__metadata__\" : { } ,\n" + good + " }", 4)));
  CHECK(accepts(file_of("{" + good + R"(,"__metadata__":{"dtype":"x"}})", 4)));
  CHECK(accepts(file_of(R"({"":{"data_offsets":[0,4],"shape":[1],"dtype":"F32"}})", 4)));
  CHECK(accepts(entry("\"F32\"", "[1,1,1,1,1,1,1,1]", "[0,4]", 4)));
  CHECK(accepts(entry("\"F32\"", "[9223372036854775807,0]", "[0,0]", 0)) == false);
  CHECK(accepts(entry("\"F32\"", "[1000000007,0,1000000007]", "[0,0]", 0)));
  CHECK(accepts(pair("[1]", "[4,8]", "[1]", "[0,4]", 8)));  // names need not be in order of bytes
  CHECK(accepts(pair("[0]", "[0,0]", "[1]", "[0,4]", 4)));
  CHECK(accepts(pair("[1]", "[0,4]", "[0]", "[4,4]", 4)));
}

TEST_CASE("more than 65,536 keys are refused", "[tensor][safetensors]") {
  std::string header = R"({"__metadata__":{)";
  for (int i = 0; i <= 65'536; ++i) header.append("\"").append(std::to_string(i)).append(R"(":"",)");
  header.pop_back();
  CHECK(test::message_of<FormatError>([&] { parse(file_of(header + "}}")); }) ==
        "test: header: unexpected: more than 65536 keys");
}

TEST_CASE("long names are cut in messages, between characters", "[tensor][safetensors]") {
  std::string name = "x";
  for (int i = 0; i < 100; ++i) name += "é";
  const std::string message = test::message_of<FormatError>([&] { parse(file_of("{\"" + name + "\":1}")); });
  CHECK(message == "test: tensor '" + name.substr(0, 79) + "…': unexpected: the number 1");
}

TEST_CASE("twenty thousand damaged files are read or refused, never more", "[tensor][safetensors]") {
  const std::string whole = test::read_bytes(parity / "safetensors_types.safetensors");
  Generator random(17);
  const auto uniform_int = [&](std::size_t n) {
    return static_cast<std::size_t>(random.uniform_int(static_cast<std::int64_t>(n)));
  };
  int read = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = whole;
    for (std::size_t count = 1 + uniform_int(6); count > 0; --count) {
      const std::size_t at = uniform_int(bytes.size()), to = uniform_int(bytes.size()), length = uniform_int(30);
      switch (uniform_int(5)) {
        case 0:
          bytes[at] = static_cast<char>(random.uniform_int(256));
          break;
        case 1:
          bytes[at] = static_cast<char>(bytes[at] ^ 1 << random.uniform_int(8));
          break;
        case 2:
          bytes.erase(at, length % bytes.size());
          break;
        case 3:
          bytes.insert(at, bytes.substr(to, length));
          break;
        default:
          bytes.replace(at, length, bytes.substr(to, length));
      }
      if (bytes.empty()) bytes = whole;
    }
    // Half of them with a header length that fits, so that the damage is not all found by the first check.
    if (uniform_int(2) && bytes.size() > 8) bytes.replace(0, 8, whole.substr(0, 8));
    read += accepts(bytes);
  }
  CHECK(read > 100);
  CHECK(read < 10'000);
}

TEST_CASE("every shorter file and every flipped bit of a header is read or refused", "[tensor][safetensors]") {
  const std::string whole = test::read_bytes(parity / "safetensors_types.safetensors");
  for (std::size_t size = 0; size < whole.size(); ++size) REQUIRE_FALSE(accepts(whole.substr(0, size)));
  CHECK(accepts(whole));
  const std::size_t header_end = 8 + static_cast<unsigned char>(whole[0]) + 256u * static_cast<unsigned char>(whole[1]);
  int read = 0;
  for (std::size_t bit = 0; bit < 8 * header_end; ++bit) {
    std::string bytes = whole;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ 1 << bit % 8);
    read += accepts(bytes);
  }
  CHECK(read < 800);  // flips inside names, which nothing can notice
}

TEST_CASE("no file is read that the reference reader refuses", "[tensor][safetensors]") {
  const std::string whole = test::read_bytes(parity / "safetensors_types.safetensors");
  std::string verdicts = test::read_bytes(parity / "safetensors_verdicts.txt");
  std::erase(verdicts, '\n');
  REQUIRE(verdicts.size() == 2500);
  int laxer = 0, stricter = 0, same = 0;
  for (std::uint64_t seed = 0; seed < 10'000; ++seed) {
    const char digit = verdicts[seed / 4];
    const bool reference = (digit <= '9' ? digit - '0' : digit - 'a' + 10) >> (3 - seed % 4) & 1;
    const bool ours = accepts(damaged(whole, seed));
    laxer += ours && !reference;
    stricter += !ours && reference;
    same += ours && reference;
  }
  CHECK(laxer == 0);
  CHECK(same > 400);
  CHECK(stricter == 12);  // two BOOLs that are neither 0 nor 1, ten empty shapes with a size beyond 63 bits
}

TEST_CASE("verdicts and messages do not depend on the locale", "[tensor][safetensors]") {
  const std::string bytes = entry("\"F32\"", "[1000,2000]", "[0,1234567]", 1'234'567);
  const std::string expected = test::message_of<FormatError>([&] { parse(bytes); });
  CHECK(expected == "test: tensor 'a': data_offsets [0, 1234567], but F32 [1000, 2000] has 8000000 bytes");
  const test::HostileLocale locale;
  CHECK(test::message_of<FormatError>([&] { parse(bytes); }) == expected);
  CHECK(accepts(entry("\"F32\"", "[1000,2000]", "[0,8000000]", 8'000'000)));
}

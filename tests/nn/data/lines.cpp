#include "heed/nn/data/lines.h"

#include "heed/nn/data/utf8.h"
#include "heed/tensor/error.h"
#include "heed/tensor/random/random.h"
#include "support/catch.h"
#include "support/temporary_folder.h"

using namespace heed;
using namespace heed::nn;

namespace {
const test::TemporaryFolder folder;

std::vector<std::string> lines_of(const std::filesystem::path& path, const LineLimits& limits = {}) {
  std::vector<std::string> lines;
  read_lines(path, limits, [&](std::int64_t number, std::string_view line) {
    lines.emplace_back(line);
    return number == static_cast<std::int64_t>(lines.size());
  });
  return lines;
}

// From a file and from memory, which must be the same.
std::vector<std::string> lines_in(std::string_view bytes, const LineLimits& limits = {}) {
  const std::string path = folder.write("lines", bytes);
  std::vector<std::string> parsed;
  std::string refusal;
  try {
    parse_lines(bytes, path, limits, [&](std::int64_t, std::string_view line) {
      parsed.emplace_back(line);
      return true;
    });
  } catch (const FormatError& error) {
    refusal = error.what();
  }
  const std::string from_file = test::message_of<FormatError>([&] { lines_of(path, limits); });
  CHECK(from_file == refusal);
  const std::vector<std::string> lines = lines_of(path, limits);
  const bool same = lines == parsed;
  CHECK(same);
  return lines;
}

std::string format_error(std::string_view bytes, const LineLimits& limits = {}) {
  const std::string message = test::message_of<FormatError>([&] { lines_in(bytes, limits); });
  const std::string name = (folder.path() / "lines").string();
  return message.starts_with(name) ? message.substr(name.size()) : message;
}
}  // namespace

TEST_CASE("lines: LF, CRLF, byte-order mark, missing last newline", "[data]") {
  using Lines = std::vector<std::string>;
  CHECK(lines_in("") == Lines{});
  CHECK(lines_in("a\nb\n") == Lines{"a", "b"});
  CHECK(lines_in("a\r\nb\r\n\r\nc") == Lines{"a", "b", "", "c"});
  CHECK(lines_in("\uFEFFa\n\uFEFFb") == Lines{"a", "\uFEFFb"});
  CHECK(lines_in("\uFEFF") == Lines{});
  CHECK(lines_in("a\rb\n") == Lines{"a\rb"});
  CHECK(lines_in("a\r") == Lines{"a"});
}

TEST_CASE("lines: LF alone ends a line, whatever Unicode or an editor says", "[data]") {
  CHECK(lines_in("a\u2028b\u2029c\u0085d\fe\vf\x1Cg\rh\ni\n") ==
        std::vector<std::string>{"a\u2028b\u2029c\u0085d\fe\vf\x1Cg\rh", "i"});
}

TEST_CASE("lines: a file with CR for LF is refused, not taken for one line", "[data]") {
  const std::string expected =
      ": its lines end in CR alone, as on old Macintoshes: convert them to LF first (tr '\\r' '\\n')";
  CHECK(format_error("a\tb\rc\td\r") == expected);
  CHECK(format_error("a\tb\rc\td") == expected);
  CHECK(format_error("abc\rdef\rghi", {.max_line_bytes = 8}) == expected);
  CHECK(format_error("ab\rcdefgh\n", {.max_line_bytes = 4}) == ":1: the line is longer than 4 bytes");
  CHECK(format_error("abcd\r\nefgh\r\n", {.max_line_bytes = 4}) == ":1: the line is longer than 4 bytes");
}

TEST_CASE("lines: longer than the read buffer, and cut by it anywhere", "[data]") {
  const std::int64_t shift = GENERATE(range(-3, 4));
  const std::string first(static_cast<std::size_t>(65536 + shift), 'x'), second = "é" + std::string(70000, 'y');
  const bool equal = lines_in(first + "\r\n" + second) == std::vector<std::string>{first, second};
  CHECK(equal);  // not the comparison itself: a failure would print the lines
}

TEST_CASE("lines: reading stops when told to", "[data]") {
  int seen = 0;
  read_lines(folder.write("lines", "a\nb\nnot read \xFF\n"), {},
             [&](std::int64_t, std::string_view) { return ++seen < 2; });
  CHECK(seen == 2);
}

TEST_CASE("lines: what is not text is refused with file and line", "[data]") {
  CHECK(format_error("a\nb\nca\xE9 x\n") == ":3: not UTF-8: byte 3 of the line is 0xe9");
  CHECK(format_error("a\r\n\xE2\x82") == ":2: not UTF-8: byte 1 of the line is 0xe2");
  CHECK(format_error(std::string_view("a\nbc\0d\n", 7)) == ":2: NUL byte at byte 3 of the line: not a text file");
  CHECK(format_error("\x1F\x8B\x08\x00") == ": is a gzip file: decompress it first (gunzip)");
  CHECK(format_error(std::string_view("\xFF\xFE"
                                      "a\0",
                                      4)) == ": is UTF-16: convert it to UTF-8 first (iconv -f UTF-16 -t UTF-8)");
}

TEST_CASE("lines: what stands in the place of a file is recognised", "[data]") {
  const std::string page = ": it is a web page or XML: the server has answered with a page in place of the file";
  for (const std::string start :
       {"<!DOCTYPE html>\n", "\n  <HTML lang=en>\n", "\uFEFF<?xml version='1.0'?>\n<Error>"}) {
    CHECK(format_error(start) == page);
    CHECK_FALSE(lines_in(start, {.take_pages = true}).empty());
  }
  const std::string pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n";
  CHECK(format_error(pointer) == ": it is a Git LFS pointer, not the file it points to");
  CHECK_FALSE(format_error(pointer, {.take_pages = true}).empty());
  CHECK(format_error("PK\x03\x04") == ": it is a zip archive: unpack it first");
  for (const std::string text : {"<s> a </s>\n", "version 2\n", "PK,name\n", "< html\n"})
    CHECK(lines_in(text).size() == 1);
}

TEST_CASE("lines: limits", "[data]") {
  CHECK(format_error("abcd\nabcde\n", {.max_line_bytes = 4}) == ":2: the line is longer than 4 bytes");
  CHECK(format_error("abcd\nabcde\n", {.max_file_bytes = 10}) == ": the file is larger than 10 bytes");
  CHECK(lines_in("abcd\nabcde\n", {.max_line_bytes = 5, .max_file_bytes = 11}).size() == 2);
  CHECK(test::message_of<FormatError>([] { lines_of("/dev/zero"); }) ==
        "/dev/zero:1: the line is longer than 1048576 bytes");
}

TEST_CASE("lines: files that cannot be read", "[data]") {
  const std::string missing = (folder.path() / "missing").string();
  CHECK(test::message_of<IoError>([&] { lines_of(missing); }) == missing + ": cannot open: No such file or directory");
  CHECK(test::message_of<IoError>([&] { lines_of(folder.path()); }) ==
        folder.path().string() + ": cannot read: Is a directory");
}

TEST_CASE("lines: random bytes end in lines or a FormatError", "[data]") {
  Generator generator(11);
  int read = 0, refused = 0;
  for (int round = 0; round < 2000; ++round) {
    std::string bytes;
    // Few different bytes, or else no file at all would be valid.
    for (std::int64_t i = generator.uniform_int(20); i > 0; --i)
      bytes += std::string_view("ab\t\r\n\n\xC3\xA9\xEF\xBB\xBF\x1F\x8B\xFF\0",
                                15)[static_cast<std::size_t>(generator.uniform_int(15))];
    try {
      for (const std::string& line : lines_in(bytes)) CHECK(first_invalid_utf8(line) == std::string::npos);
      ++read;
    } catch (const FormatError&) {
      ++refused;
    }
  }
  CHECK(read > 100);
  CHECK(refused > 100);
}

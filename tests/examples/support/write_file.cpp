#include "examples/support/write_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <thread>

#include "heed/tensor/error.h"
#include "support/catch.h"
#include "support/temporary_folder.h"

using namespace heed;
using namespace heed::examples;
namespace fs = std::filesystem;

namespace {
std::ptrdiff_t files_in(const fs::path& folder) {
  return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
}
}  // namespace

TEST_CASE("write_file: exactly these bytes, nothing beside them", "[examples]") {
  const test::TemporaryFolder folder;
  const fs::path path = folder.path() / "out.bin";
  const std::string bytes("a\r\n\0\xFFz", 6);
  write_file(path, bytes);
  CHECK(test::read_bytes(path) == bytes);
  write_file(path, "short");
  CHECK(test::read_bytes(path) == "short");
  write_file(path, "");
  CHECK(test::read_bytes(path).empty());
  CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("write_file: the old file is replaced, not overwritten", "[examples]") {
  const test::TemporaryFolder folder;
  const fs::path path = folder.write("out", "old");
  std::ifstream reader(path);
  write_file(path, "new content");
  CHECK(std::string(std::istreambuf_iterator<char>(reader), {}) == "old");
}

TEST_CASE("write_file: a symbolic link stays one", "[examples]") {
  const test::TemporaryFolder folder;
  const fs::path real = folder.write("real", "old"), link = folder.path() / "link";
  fs::create_symlink("real", link);
  write_file(link, "new");
  CHECK(fs::is_symlink(link));
  CHECK(test::read_bytes(real) == "new");
}

TEST_CASE("write_file: a link to nothing yet gets what it points to", "[examples]") {
  const test::TemporaryFolder folder;
  const fs::path link = folder.path() / "link";
  fs::create_directory(folder.path() / "below");
  fs::create_symlink("below/real", link);
  CHECK(behind_links(link) == folder.path() / "below/real");
  check_writable(link);
  write_file(link, "new");
  CHECK(fs::is_symlink(link));
  CHECK(test::read_bytes(folder.path() / "below" / "real") == "new");
  fs::create_symlink("loop", folder.path() / "loop");
  CHECK_THROWS_AS(write_file(folder.path() / "loop", "x"), IoError);
}

TEST_CASE("write_file: a pipe is written to, not replaced", "[examples]") {
  const test::TemporaryFolder folder;
  const fs::path path = folder.path() / "pipe";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  std::string read;
  std::thread reader([&] { read = test::read_bytes(path); });
  write_file(path, "through");
  reader.join();
  CHECK(read == "through");
  CHECK(fs::is_fifo(path));
}

TEST_CASE("write_file: a pipe that nobody reads is refused, not waited for", "[examples]") {
  const test::TemporaryFolder folder;
  const fs::path path = folder.path() / "pipe";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  const std::string expected = path.string() + ": cannot write: nobody reads this pipe";
  CHECK(test::message_of<IoError>([&] { check_writable(path); }) == expected);
  CHECK(test::message_of<IoError>([&] { write_file(path, "x"); }) == expected);
}

TEST_CASE("write_file: what cannot be written is an IoError that names it", "[examples]") {
  const test::TemporaryFolder folder;
  const std::string name = folder.path().string();
  CHECK(test::message_of<IoError>([&] { write_file(folder.path(), "x"); }) == name + ": cannot write: Is a directory");
  CHECK(test::message_of<IoError>([&] { write_file(folder.path() / "no" / "x", "x"); }) ==
        "write " + name + "/no/x: open folder: No such file or directory");
  CHECK_THROWS_AS(write_file("", "x"), IoError);
  CHECK_THROWS_AS(write_file("/dev/full", "x"), IoError);
  CHECK(files_in(folder.path()) == 0);
}

TEST_CASE("check_writable: what would fail fails at once and leaves nothing", "[examples]") {
  const test::TemporaryFolder folder;
  check_writable(folder.path() / "new");
  check_writable(folder.write("old", "old"));
  CHECK(test::read_bytes(folder.path() / "old") == "old");
  CHECK(files_in(folder.path()) == 1);
  const std::string name = folder.path().string();
  CHECK(test::message_of<IoError>([&] { check_writable(name); }) == name + ": cannot write: Is a directory");
  CHECK(test::message_of<IoError>([&] { check_writable(name + "/old/x"); }) ==
        name + "/old/x: cannot write: Not a directory");
  CHECK_THROWS_AS(check_writable("/proc/self/x"), IoError);
  for (const std::size_t length : {234u, 235u, 255u}) {
    const fs::path path = folder.path() / std::string(length, 'x');
    CAPTURE(length);
    if (length < 235) {
      check_writable(path);
      write_file(path, "x");
    } else {
      CHECK_THROWS_AS(check_writable(path), IoError);
      CHECK_THROWS_AS(write_file(path, "x"), IoError);
    }
  }
}

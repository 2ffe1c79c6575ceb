// Whole files: read as they are, written completely or not at all.
#include "heed/tensor/file.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <string>
#include <thread>

#include "support/catch.h"
#include "support/temporary_folder.h"

using namespace heed;
using test::message_of;
namespace fs = std::filesystem;

namespace {

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

std::string text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

// While it lives, no file of this process can grow beyond `bytes`: the nearest thing to a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_;
  sighandler_t handler_;
};

}  // namespace

TEST_CASE("a file is read whole, whatever its bytes and size", "[tensor][file]") {
  const test::TemporaryFolder folder;
  const std::size_t size = GENERATE(0u, 1u, 4095u, 4096u, 4097u, 100'000u);
  std::string content(size, '\0');
  for (std::size_t i = 0; i < size; ++i) content[i] = static_cast<char>(i * 37 % 256);
  CHECK(text_of(read_file(folder.write("data", content))) == content);
}

TEST_CASE("a pipe is read to its end", "[tensor][file]") {
  const test::TemporaryFolder folder;
  const fs::path pipe = folder.path() / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const std::string content(50'000, 'p');
  std::thread writer([&] { folder.write("pipe", content); });
  CHECK(text_of(read_file(pipe)) == content);
  writer.join();
}

TEST_CASE("a file that is shorter than the system says is read as it is", "[tensor][file]") {
  const fs::path short_one = "/sys/devices/system/cpu/online";  // one line, in a file of 4096 bytes by name
  if (!fs::exists(short_one)) return;
  CHECK(text_of(read_file(short_one)) == test::read_bytes(short_one));
}

TEST_CASE("what cannot be read is an IoError with path and reason", "[tensor][file]") {
  const test::TemporaryFolder folder;
  const fs::path missing = folder.path() / "missing", file = folder.write("data", "12345");
  CHECK(message_of<IoError>([&] { read_file(missing); }) ==
        "read " + missing.string() + ": open: No such file or directory");
  CHECK(message_of<IoError>([&] { read_file(folder.path()); }) ==
        "read " + folder.path().string() + ": read: Is a directory");
  CHECK(contains(message_of<IoError>([&] { read_file(file / "below"); }), "Not a directory"));
  CHECK(read_file(file, 5).size() == 5);
  CHECK(message_of<IoError>([&] { read_file(file, 4); }) ==
        "read " + file.string() + ": has 5 bytes or more, the limit is 4");
  fs::resize_file(file, std::uintmax_t{1} << 40);  // a terabyte of nothing: refused before memory is asked for
  CHECK(contains(message_of<IoError>([&] { read_file(file, 1000); }), "has 1099511627776 bytes"));
  // The size of this one is not known before it is read.
  CHECK(contains(message_of<IoError>([&] { read_file("/dev/zero", 10'000); }), "the limit is 10000"));
}

TEST_CASE("a written file replaces the old one and leaves nothing beside it", "[tensor][file]") {
  const test::TemporaryFolder folder;
  const fs::path file = folder.path() / "data";
  write_file_atomically(file, bytes_of("first"));
  CHECK(test::read_bytes(file) == "first");
  const std::string large(3'000'000, 'x');
  const std::span<const std::byte> parts[] = {bytes_of("second, "), {}, bytes_of(large)};
  write_file_atomically(file, parts);
  CHECK(test::read_bytes(file) == "second, " + large);
  write_file_atomically(file, bytes_of(""));
  CHECK(test::read_bytes(file).empty());
  CHECK(names_in(folder.path()) == std::vector<std::string>{"data"});
}

TEST_CASE("a reader that has the old file open keeps it", "[tensor][file]") {
  const test::TemporaryFolder folder;
  const fs::path file = folder.write("data", "old");
  std::ifstream reader(file);
  write_file_atomically(file, bytes_of("new"));
  std::string seen;
  reader >> seen;
  CHECK(seen == "old");
}

TEST_CASE("a path without a folder is one of the working directory", "[tensor][file]") {
  const test::TemporaryFolder folder;
  const fs::path before = fs::current_path();
  fs::current_path(folder.path());
  write_file_atomically("data", bytes_of("here"));
  fs::current_path(before);
  CHECK(test::read_bytes(folder.path() / "data") == "here");
}

TEST_CASE("a failed write leaves the old file and nothing else", "[tensor][file]") {
  const test::TemporaryFolder folder;
  const fs::path file = folder.write("data", "old");
  SECTION("the disk is full") {
    const std::string large(100'000, 'x');
    std::string message;
    {
      const FileSizeLimit limit(50'000);
      message = message_of<IoError>([&] { write_file_atomically(file, bytes_of(large)); });
    }
    CHECK(message == "write " + file.string() + ": write: File too large");
  }
  SECTION("the path is a folder") {
    fs::create_directory(folder.path() / "taken");
    CHECK(message_of<IoError>([&] { write_file_atomically(folder.path() / "taken", bytes_of("new")); }) ==
          "write " + (folder.path() / "taken").string() + ": rename: Is a directory");
    fs::remove(folder.path() / "taken");
  }
  SECTION("there is no such folder") {
    const fs::path nowhere = folder.path() / "no" / "data";
    CHECK(message_of<IoError>([&] { write_file_atomically(nowhere, bytes_of("new")); }) ==
          "write " + nowhere.string() + ": open folder: No such file or directory");
  }
  SECTION("the path ends in no name") {
    CHECK_THROWS_AS(write_file_atomically(folder.path() / "", bytes_of("new")), IoError);
  }
  SECTION("the name is too long") {
    CHECK(contains(
        message_of<IoError>([&] { write_file_atomically(folder.path() / std::string(250, 'n'), bytes_of("new")); }),
        "File name too long"));
  }
  CHECK(test::read_bytes(file) == "old");
  CHECK(names_in(folder.path()) == std::vector<std::string>{"data"});
}

TEST_CASE("whoever looks while a file is rewritten sees one content or the other", "[tensor][file]") {
  const test::TemporaryFolder folder;
  const fs::path file = folder.path() / "data";
  const std::string one(200'000, '1'), two(100'000, '2');
  write_file_atomically(file, bytes_of(one));
  std::thread writer([&] {
    for (int i = 0; i < 40; ++i) write_file_atomically(file, bytes_of(i % 2 ? one : two));
  });
  int torn = 0;
  for (int i = 0; i < 200; ++i) {
    const std::string seen = text_of(read_file(file));
    torn += seen != one && seen != two;
  }
  writer.join();
  CHECK(torn == 0);
}

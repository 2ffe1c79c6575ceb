// Files: read as they are, written completely or not at all.
#include "heed/tensor/io/file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "support/catch.h"
#include "support/temporary_folder.h"

using namespace heed;
using test::message_of;
namespace fs = std::filesystem;

namespace {

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

std::string read_whole(const fs::path& path) {
  InputFile file(path);
  std::string text(file.size(), '?');
  file.read(std::as_writable_bytes(std::span(text)));
  return text;
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

TEST_CASE("a file is read in pieces of any size", "[tensor][file]") {
  const test::TemporaryFolder folder;
  const std::size_t size = GENERATE(0u, 1u, 4095u, 4096u, 4097u, 100'000u);
  std::string content(size, '\0');
  for (std::size_t i = 0; i < size; ++i) content[i] = static_cast<char>(i * 37 % 256);
  CHECK(read_whole(folder.write("data", content)) == content);

  InputFile file(folder.write("data", content));
  std::string read;
  for (std::size_t piece = 1; read.size() < size; piece *= 3) {
    std::string next(std::min(piece, size - read.size()), '?');
    file.read(std::as_writable_bytes(std::span(next)));
    read += next;
  }
  CHECK(read == content);
  CHECK_NOTHROW(file.check_unchanged());
  std::string more(1, '?');
  CHECK_THROWS_AS(file.read(std::as_writable_bytes(std::span(more))), IoError);
}

TEST_CASE("what is no regular file is refused at once", "[tensor][file]") {
  const test::TemporaryFolder folder;
  const fs::path pipe = folder.path() / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);  // nobody writes to it
  for (const fs::path& path : {pipe, fs::path("/dev/zero"), fs::path("/dev/null")})
    CHECK(message_of<IoError>([&] { InputFile file(path); }) == "read " + path.string() + ": is not a regular file");
  CHECK(message_of<IoError>([&] { InputFile file(folder.path()); }) ==
        "read " + folder.path().string() + ": is a folder");
}

TEST_CASE("what cannot be read is an IoError with path and reason", "[tensor][file]") {
  const test::TemporaryFolder folder;
  const fs::path missing = folder.path() / "missing", path = folder.write("data", "12345");
  CHECK(message_of<IoError>([&] { InputFile file(missing); }) ==
        "read " + missing.string() + ": open: No such file or directory");
  CHECK(contains(message_of<IoError>([&] { InputFile file(path / "below"); }), "Not a directory"));
  std::string six(6, '?');
  CHECK(message_of<IoError>([&] { InputFile(path).read(std::as_writable_bytes(std::span(six))); }) ==
        "read " + path.string() + ": ends after 5 bytes, had 5 when it was opened");
}

TEST_CASE("a file that changes while it is read is noticed", "[tensor][file]") {
  const test::TemporaryFolder folder;
  const fs::path path = folder.write("data", "12345");
  fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(1));
  InputFile file(path);
  std::string text(5, '?');
  const std::string expected = "read " + path.string() + ": was changed while it was read";
  SECTION("it becomes shorter") {
    fs::resize_file(path, 3);
    CHECK(message_of<IoError>([&] { file.read(std::as_writable_bytes(std::span(text))); }) ==
          "read " + path.string() + ": ends after 3 bytes, had 5 when it was opened");
  }
  SECTION("it becomes longer") {
    fs::resize_file(path, 6);
    file.read(std::as_writable_bytes(std::span(text)));
    CHECK(message_of<IoError>([&] { file.check_unchanged(); }) == expected);
  }
  SECTION("it is written over") {
    file.read(std::as_writable_bytes(std::span(text)));
    folder.write("data", "54321");
    CHECK(message_of<IoError>([&] { file.check_unchanged(); }) == expected);
  }
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
    const std::string seen = read_whole(file);
    torn += seen != one && seen != two;
  }
  writer.join();
  CHECK(torn == 0);
}

TEST_CASE("what a killed writer left is removed by the next", "[tensor][file]") {
  const test::TemporaryFolder folder;
  const fs::path file = folder.path() / "data";
  const pid_t writer = ::fork();
  if (writer == 0) {  // writes until it is killed
    const std::string large(1'000'000, 'x');
    for (;;) write_file_atomically(file, bytes_of(large));
  }
  // Killed as soon as a new file stands beside the first result.
  std::vector<std::string> names;
  for (int i = 0; i < 60'000 && names.size() < 2; ++i) {
    ::usleep(1000);
    names = names_in(folder.path());
  }
  ::kill(writer, SIGKILL);
  ::waitpid(writer, nullptr, 0);
  folder.write("data.0123456789abcdef.tmp", "left by nobody knows whom");
  CHECK(names_in(folder.path()).size() >= 2);
  write_file_atomically(file, bytes_of("new"));
  CHECK(names_in(folder.path()) == std::vector<std::string>{"data"});
}

TEST_CASE("only abandoned files of the same target are removed", "[tensor][file]") {
  const test::TemporaryFolder folder;
  const fs::path file = folder.path() / "data";
  const std::vector<std::string> others = {"data.0123456789abcde.tmp",   // a digit too few
                                           "data.0123456789abcdef",      // another end
                                           "data.0123456789abcdeg.tmp",  // no digit
                                           "data2.0123456789abcdef.tmp", "datax0123456789abcdef.tmp"};
  for (const std::string& name : others) folder.write(name, "kept");
  fs::create_directory(folder.path() / "data.1111111111111111.tmp");
  fs::create_symlink("data2.0123456789abcdef.tmp", folder.path() / "data.2222222222222222.tmp");
  const int living = ::open(folder.write("data.3333333333333333.tmp", "being written").c_str(), O_RDWR);
  REQUIRE(::flock(living, LOCK_EX) == 0);
  write_file_atomically(file, bytes_of("new"));
  std::vector<std::string> expected = others;
  expected.insert(expected.end(),
                  {"data", "data.1111111111111111.tmp", "data.2222222222222222.tmp", "data.3333333333333333.tmp"});
  std::sort(expected.begin(), expected.end());
  CHECK(names_in(folder.path()) == expected);
  ::close(living);
  write_file_atomically(file, bytes_of("newer"));
  CHECK(!fs::exists(folder.path() / "data.3333333333333333.tmp"));
}

TEST_CASE("writers of one file do not take each other's new files away", "[tensor][file]") {
  const test::TemporaryFolder folder;
  const fs::path file = folder.path() / "data";
  std::vector<std::string> failures(4);
  std::vector<std::thread> writers;
  for (std::size_t w = 0; w < failures.size(); ++w)
    writers.emplace_back([&, w] {
      const std::string content(20'000, static_cast<char>('a' + w));
      try {
        for (int i = 0; i < 50; ++i) write_file_atomically(file, bytes_of(content));
      } catch (const std::exception& error) {
        failures[w] = error.what();
      }
    });
  for (std::thread& writer : writers) writer.join();
  CHECK(failures == std::vector<std::string>(4));
  CHECK(names_in(folder.path()) == std::vector<std::string>{"data"});
}

TEST_CASE("a whole file is read up to a limit", "[tensor][file]") {
  const test::TemporaryFolder folder;
  const std::string path = folder.write("five", "12345");
  CHECK(read_file(path, 5).size() == 5);
  CHECK(read_file(path, 5)[4] == std::byte{'5'});
  CHECK(read_file(folder.write("empty", ""), 0).empty());
  CHECK(test::message_of<FormatError>([&] { read_file(path, 4); }) == path + ": has 5 bytes, expected at most 4");
  CHECK(
      test::message_of<IoError>([&] { read_file(folder.path() / "none", 4); }).ends_with("No such file or directory"));
}

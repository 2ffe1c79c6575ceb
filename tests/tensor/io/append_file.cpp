// Files that grow: nothing that is there is lost, and what cannot be written to says so.
#include "heed/tensor/io/append_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "heed/tensor/error.h"
#include "support/catch.h"
#include "support/temporary_folder.h"

using namespace heed;
using test::message_of, test::read_bytes;

namespace {

void add(AppendFile& file, std::string_view text) { file.append(std::as_bytes(std::span(text))); }

}  // namespace

TEST_CASE("append file: a fresh one is new or empty", "[tensor][append_file]") {
  const test::TemporaryFolder folder;
  const std::string path = folder.path() / "log";
  {
    AppendFile file(path, AppendFile::Open::fresh);
    CHECK(file.ends_in_newline());
    add(file, "one\n");
    CHECK(read_bytes(path) == "one\n");  // already
    add(file, "two");
    file.sync();
  }
  CHECK(message_of<IoError>([&] { AppendFile(path, AppendFile::Open::fresh); }) ==
        "append " + path + ": is there already, with 7 bytes");
  AppendFile more(path, AppendFile::Open::existing);
  CHECK_FALSE(more.ends_in_newline());
  add(more, "\nthree\n");
  CHECK(read_bytes(path) == "one\ntwo\nthree\n");
  CHECK(AppendFile(path, AppendFile::Open::existing).ends_in_newline());
  CHECK_NOTHROW(AppendFile(folder.write("empty", ""), AppendFile::Open::fresh));
  CHECK_NOTHROW(AppendFile(folder.path() / "new", AppendFile::Open::existing));
}

TEST_CASE("append file: two writers do not write over each other", "[tensor][append_file]") {
  const test::TemporaryFolder folder;
  const std::string path = folder.path() / "log";
  AppendFile a(path, AppendFile::Open::existing), b(path, AppendFile::Open::existing);
  add(a, "a\n");
  add(b, "b\n");
  AppendFile moved = std::move(a);
  add(moved, "c\n");
  CHECK(read_bytes(path) == "a\nb\nc\n");
}

TEST_CASE("append file: what cannot be written is an IoError with the reason", "[tensor][append_file]") {
  const test::TemporaryFolder folder;
  const auto reason = [&](const std::string& path) {
    return message_of<IoError>([&] {
      AppendFile file(path, AppendFile::Open::fresh);
      add(file, "x");
    });
  };
  CHECK(reason(folder.path()) == "append " + folder.path().string() + ": open: Is a directory");
  CHECK(reason(folder.path() / "none" / "log").ends_with(": open: No such file or directory"));
  CHECK(reason("/dev/full") == "append /dev/full: write: No space left on device");
  CHECK(reason("").ends_with(": open: No such file or directory"));

  const std::string pipe = folder.path() / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(reason(pipe).ends_with(": open: No such device or address"));
  const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK);
  CHECK(reason(pipe).empty());
  char read = 0;
  CHECK(::read(reader, &read, 1) == 1);
  CHECK(read == 'x');
  ::close(reader);
}

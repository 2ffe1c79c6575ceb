#include "examples/support/write_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "heed/tensor/error.h"
#include "heed/tensor/io/file.h"

namespace heed::examples {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& path, int reason) {
  throw IoError(fmt::format("{}: cannot write: {}", path.string(), std::strerror(reason)));
}

// Devices and what stands for an open file: /dev/stdout may lead to a regular file, which others write to as well.
bool is_system_path(const fs::path& path) {
  const std::string folder = path.lexically_normal().parent_path().string();
  return folder == "/dev" || folder == "/dev/fd" || folder.starts_with("/proc/");
}

// To be written to as it is, not replaced. Never waits for ever, as a plain open() does for the reader of a pipe: that
// one, who may be just starting, has a second. The caller closes it.
int open_to_add(const fs::path& path) {
  // Through the descriptor itself, so that what the program prints later goes behind these bytes, not over them.
  const int standard = path == "/dev/stdout" ? 1 : path == "/dev/stderr" ? 2 : -1;
  int descriptor = -1;
  for (int tries = 100; descriptor < 0; --tries) {
    descriptor = standard > 0 ? ::dup(standard) : ::open(path.c_str(), O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY);
    if (descriptor >= 0) break;
    const int reason = errno;
    std::error_code ignored;
    const bool lacks_reader = reason == ENXIO && fs::is_fifo(path, ignored);
    if (!lacks_reader) refuse(path, reason);
    if (tries == 0) throw IoError(fmt::format("{}: cannot write: nobody reads this pipe", path.string()));
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  if (standard < 0) ::fcntl(descriptor, F_SETFL, O_APPEND);  // from here on it may wait
  return descriptor;
}

}  // namespace

fs::path behind_links(fs::path path) {
  std::error_code ignored;
  for (int links = 0; !is_system_path(path) && fs::is_symlink(path, ignored); ++links) {
    if (links == 40) refuse(path, ELOOP);
    path = path.parent_path() / fs::read_symlink(path, ignored);  // the target itself when it is absolute
  }
  return path;
}

bool is_replaced(const fs::path& path) {
  std::error_code ignored;
  const fs::path file = behind_links(path);
  return !is_system_path(file) && (!fs::exists(file, ignored) || fs::is_regular_file(file, ignored));
}

void write_file(const fs::path& path, std::string_view bytes) {
  const fs::path target = behind_links(path);
  if (is_replaced(path)) return write_file_atomically(target, std::as_bytes(std::span(bytes)));
  std::FILE* file = ::fdopen(open_to_add(target), "ab");
  if (!file) refuse(path, errno);
  const bool written = std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size() && std::fflush(file) == 0;
  const int reason = errno;
  std::fclose(file);
  if (!written) refuse(path, reason);
}

void check_writable(const fs::path& path) {
  std::error_code ignored;
  const fs::path file = behind_links(path);
  if (fs::is_directory(file, ignored)) refuse(path, EISDIR);
  if (!is_replaced(path)) {
    if (::access(file.c_str(), W_OK) != 0) refuse(path, errno);
    const int opened = open_to_add(file);
    if (!fs::is_fifo(file, ignored)) ::close(opened);
    return;
  }
  if (fs::exists(file, ignored) && ::access(file.c_str(), W_OK) != 0) refuse(path, errno);
  // By doing it: permissions alone do not tell (the superuser may do anything, but not in /proc).
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  // As long as the name of write_file_atomically's new file, for which a long name may be too long.
  std::string probe =
      (folder / file.filename()).string() + "." + std::string(temporary_suffix_bytes - 7, 'X') + "XXXXXX";
  const int descriptor = ::mkstemp(probe.data());
  if (descriptor < 0) refuse(path, errno);
  ::close(descriptor);
  ::unlink(probe.c_str());
}

}  // namespace heed::examples

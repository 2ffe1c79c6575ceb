#include "examples/support/write_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "tensor/file.h"

namespace heed::examples {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& path, int reason) {
  throw IoError(fmt::format("{}: cannot write: {}", path.string(), std::strerror(reason)));
}

// What is not replaced but written into: pipes and devices, and /dev/stdout even where that leads to a regular file.
bool is_special(const fs::path& path) {
  std::error_code ignored;
  const std::string place = path.lexically_normal().parent_path().string();
  return place == "/dev" || place == "/dev/fd" || place.starts_with("/proc/") ||
         (fs::exists(path, ignored) && !fs::is_regular_file(path, ignored));
}

}  // namespace

fs::path behind_links(fs::path path) {
  std::error_code ignored;
  for (int links = 0; fs::is_symlink(path, ignored); ++links) {
    if (links == 40) refuse(path, ELOOP);
    path = path.parent_path() / fs::read_symlink(path, ignored);  // the target itself when it is absolute
  }
  return path;
}

void write_file(const fs::path& path, std::string_view bytes) {
  if (!is_special(path)) return write_file_atomically(behind_links(path), std::as_bytes(std::span(bytes)));
  std::FILE* file = std::fopen(path.c_str(), "ab");  // a regular file behind /dev/stdout keeps what it has
  if (!file) refuse(path, errno);
  const bool written = std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size() && std::fflush(file) == 0;
  const int reason = errno;
  std::fclose(file);
  if (!written) refuse(path, reason);
}

void require_writable(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) refuse(path, EISDIR);
  if (is_special(path)) {
    if (::access(path.c_str(), W_OK) != 0) refuse(path, errno);
    return;
  }
  const fs::path file = behind_links(path);
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  if (::access(folder.c_str(), W_OK) != 0) refuse(path, errno);
  if (!fs::is_directory(folder, ignored)) refuse(path, ENOTDIR);
}

}  // namespace heed::examples

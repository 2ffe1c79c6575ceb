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

bool is_special(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored) && !fs::is_regular_file(path, ignored);
}

// The file itself, for write_file_atomically() would replace a link to it.
fs::path resolved(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored) ? fs::canonical(path) : path;
}

}  // namespace

void write_file(const fs::path& path, std::string_view bytes) {
  if (!is_special(path)) return write_file_atomically(resolved(path), std::as_bytes(std::span(bytes)));
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (!file) refuse(path, errno);
  const bool written = std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size() && std::fflush(file) == 0;
  const int reason = errno;
  std::fclose(file);
  if (!written) refuse(path, reason);
}

void require_writable(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) refuse(path, EISDIR);
  const fs::path file = resolved(path);
  const fs::path place = is_special(path) ? path : file.has_parent_path() ? file.parent_path() : fs::path(".");
  if (!is_special(path) && !fs::is_directory(place, ignored))
    refuse(path, fs::exists(place, ignored) ? ENOTDIR : ENOENT);
  if (::access(place.c_str(), W_OK) != 0) refuse(path, errno);
}

}  // namespace heed::examples

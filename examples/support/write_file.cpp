#include "examples/support/write_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "tensor/error.h"

namespace heed::examples {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& path) {
  throw IoError(fmt::format("{}: cannot write: {}", path.string(), std::strerror(errno)));
}

/// False, with errno set, unless every byte went to the file.
bool write_all(const std::filesystem::path& path, const char* mode, std::string_view bytes, bool to_disk) {
  std::FILE* file = std::fopen(path.c_str(), mode);
  if (!file) return false;
  const bool written = std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size() && std::fflush(file) == 0 &&
                       (!to_disk || ::fsync(::fileno(file)) == 0);
  const int reason = errno;
  const bool closed = std::fclose(file) == 0;
  if (!written) errno = reason;
  return written && closed;
}

}  // namespace

void write_file(const std::filesystem::path& path, std::string_view bytes) {
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored) && !std::filesystem::is_regular_file(path, ignored)) {
    if (!write_all(path, "wb", bytes, false)) refuse(path);
    return;
  }
  const std::filesystem::path real = std::filesystem::exists(path, ignored) ? std::filesystem::canonical(path) : path;
  std::filesystem::path temporary = real;
  temporary += fmt::format(".{}.tmp", ::getpid());
  if (!write_all(temporary, "wb", bytes, true) || std::rename(temporary.c_str(), real.c_str()) != 0) {
    const int reason = errno;
    std::filesystem::remove(temporary, ignored);
    errno = reason;
    refuse(path);
  }
}

}  // namespace heed::examples

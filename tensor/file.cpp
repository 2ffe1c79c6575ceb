#include "heed/tensor/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <random>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace heed {
namespace {

using std::filesystem::path;

// For a system call that has just failed: its reason is in errno.
[[noreturn]] void fail(std::string_view operation, const path& file, std::string_view step) {
  throw IoError(fmt::format("{} {}: {}: {}", operation, file.string(), step, std::generic_category().message(errno)));
}

// A system call, repeated as long as signals interrupt it.
template <class Call>
auto uninterrupted(Call&& call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int get() const { return number_; }
  int close() { return ::close(std::exchange(number_, -1)); }

 private:
  int number_;
};

// Removes a file of the open folder at the end of its life, unless kept.
class Removal {
 public:
  Removal(const Descriptor& folder, const std::string& name) : folder_(folder.get()), name_(name) {}
  Removal(const Removal&) = delete;
  Removal& operator=(const Removal&) = delete;
  ~Removal() {
    if (!kept_) ::unlinkat(folder_, name_.c_str(), 0);
  }
  void keep() { kept_ = true; }

 private:
  int folder_;
  const std::string& name_;
  bool kept_ = false;
};

}  // namespace

std::vector<std::byte> read_file(const path& file, std::int64_t limit) {
  const Descriptor input(uninterrupted([&] { return ::open(file.c_str(), O_RDONLY | O_CLOEXEC); }));
  struct stat status;
  if (input.get() < 0 || ::fstat(input.get(), &status) != 0) fail("read", file, "open");
  const auto check_size = [&](std::int64_t size) {
    if (size > limit)
      throw IoError(fmt::format("read {}: has {} bytes or more, the limit is {}", file.string(), size, limit));
  };

  // The size is a hint: it is 0 for a pipe, and a file may grow or shrink while it is read.
  check_size(status.st_size);
  std::vector<std::byte> bytes(S_ISREG(status.st_mode) ? static_cast<std::size_t>(status.st_size) : 0);
  std::size_t filled = 0;
  for (;;) {
    std::array<std::byte, 4096> more;
    const bool beyond = filled == bytes.size();
    const std::span<std::byte> room = beyond ? std::span<std::byte>(more) : std::span(bytes).subspan(filled);
    const auto count = uninterrupted([&] { return ::read(input.get(), room.data(), room.size()); });
    if (count < 0) fail("read", file, "read");
    if (count == 0) break;
    if (beyond) bytes.insert(bytes.end(), more.begin(), more.begin() + count);
    filled += static_cast<std::size_t>(count);
    check_size(static_cast<std::int64_t>(filled));
  }
  bytes.resize(filled);
  return bytes;
}

void write_file_atomically(const path& file, std::span<const std::span<const std::byte>> parts) {
  // Every step names its file relative to this one open folder, whatever becomes of the working directory.
  const path folder_path = file.has_parent_path() ? file.parent_path() : path(".");
  const Descriptor folder(
      uninterrupted([&] { return ::open(folder_path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (folder.get() < 0) fail("write", file, "open folder");

  std::random_device random;
  const std::string name = file.filename().string();
  const std::string temporary = fmt::format("{}.{:08x}{:08x}.tmp", name, random(), random());
  Descriptor output(uninterrupted(
      [&] { return ::openat(folder.get(), temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666); }));
  if (output.get() < 0) fail("write", file, "create " + temporary);
  Removal removal(folder, temporary);

  for (std::span<const std::byte> rest : parts)
    while (!rest.empty()) {
      const auto count = uninterrupted([&] { return ::write(output.get(), rest.data(), rest.size()); });
      if (count < 0) fail("write", file, "write");
      rest = rest.subspan(static_cast<std::size_t>(count));
    }
  if (uninterrupted([&] { return ::fsync(output.get()); }) != 0) fail("write", file, "fsync");
  if (output.close() != 0) fail("write", file, "close");
  if (::renameat(folder.get(), temporary.c_str(), folder.get(), name.c_str()) != 0) fail("write", file, "rename");
  removal.keep();
  if (uninterrupted([&] { return ::fsync(folder.get()); }) != 0) fail("write", file, "fsync folder");
}

void write_file_atomically(const path& file, std::span<const std::byte> bytes) {
  write_file_atomically(file, std::span(&bytes, 1));
}

}  // namespace heed

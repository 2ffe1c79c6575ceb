#include "heed/tensor/io/append_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

#include "heed/tensor/error.h"

namespace heed {
namespace {

// For a system call that has just failed: its reason is in errno.
[[noreturn]] void fail(const std::string& path, std::string_view step) {
  throw IoError(fmt::format("append {}: {}: {}", path, step, std::generic_category().message(errno)));
}

template <class Call>
auto uninterrupted(Call&& call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

class Closing {
 public:
  explicit Closing(int descriptor) : descriptor_(descriptor) {}
  Closing(const Closing&) = delete;
  Closing& operator=(const Closing&) = delete;
  ~Closing() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  int get() const { return descriptor_; }
  int release() { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;
};

char last_byte(const std::string& path, off_t size) {
  const Closing file(uninterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); }));
  char last = 0;
  if (file.get() < 0 || uninterrupted([&] { return ::pread(file.get(), &last, 1, size - 1); }) != 1) fail(path, "read");
  return last;
}

}  // namespace

AppendFile::AppendFile(std::string path, Open how)
    : path_(std::move(path)),
      // Not to wait for the reader of a pipe: without one this fails.
      descriptor_(uninterrupted([&] {
        return ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0666);
      })) {
  if (descriptor_ < 0) fail(path_, "open");
  Closing closing(descriptor_);  // when the rest fails
  struct stat status;
  if (::fstat(descriptor_, &status) != 0) fail(path_, "fstat");
  if (S_ISREG(status.st_mode) && status.st_size > 0) {
    if (how == Open::fresh)
      throw IoError(fmt::format("append {}: is there already, with {} bytes", path_, status.st_size));
    ends_in_newline_ = last_byte(path_, status.st_size) == '\n';
  }
  if (::fcntl(descriptor_, F_SETFL, O_APPEND) != 0) fail(path_, "fcntl");  // from here on it may wait
  closing.release();
}

AppendFile::AppendFile(AppendFile&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      ends_in_newline_(other.ends_in_newline_) {}

AppendFile& AppendFile::operator=(AppendFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(ends_in_newline_, other.ends_in_newline_);
  return *this;
}

AppendFile::~AppendFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void AppendFile::append(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto count = uninterrupted([&] { return ::write(descriptor_, bytes.data(), bytes.size()); });
    if (count < 0) fail(path_, "write");
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

void AppendFile::sync() {
  // A pipe or a terminal has no disk to be on.
  if (uninterrupted([&] { return ::fsync(descriptor_); }) != 0 && errno != EINVAL && errno != EROFS)
    fail(path_, "fsync");
}

}  // namespace heed

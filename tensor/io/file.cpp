#include "heed/tensor/io/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace heed {
namespace {

// For a system call that has just failed: its reason is in errno.
[[noreturn]] void fail(std::string_view operation, const std::string& path, std::string_view step) {
  throw IoError(fmt::format("{} {}: {}: {}", operation, path, step, std::generic_category().message(errno)));
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
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int get() const { return number_; }
  int release() { return std::exchange(number_, -1); }

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

// True when nobody else holds the file's lock, which ends with its holder. Where the file system has no locks, neither
// writers nor removers get one.
bool lock(const Descriptor& file) {
  return uninterrupted([&] { return ::flock(file.get(), LOCK_EX | LOCK_NB); }) == 0;
}

// A new file `name`.<16 hex digits>.tmp of the folder, locked.
struct Temporary {
  std::string name;
  Descriptor file;
};

Temporary create_temporary(const Descriptor& folder, const std::string& name, const std::string& target) {
  std::random_device random;
  for (;;) {
    Temporary made{fmt::format("{}.{:08x}{:08x}.tmp", name, random(), random()), Descriptor(-1)};
    made.file = Descriptor(uninterrupted(
        [&] { return ::openat(folder.get(), made.name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666); }));
    if (made.file.get() < 0) fail("write", target, "create " + made.name);
    Removal removal(folder, made.name);
    // Before it was locked, another writer may have taken it for abandoned, and have removed it or be about to.
    const bool is_taken = !lock(made.file) && errno == EWOULDBLOCK;
    struct stat status;
    if (::fstat(made.file.get(), &status) != 0) fail("write", target, "fstat");
    if (is_taken || status.st_nlink == 0) continue;
    removal.keep();
    return made;
  }
}

bool is_temporary_of(std::string_view name, std::string_view found) {
  constexpr std::string_view digits = "0123456789abcdef", end = ".tmp";
  if (found.size() != name.size() + temporary_suffix_bytes || !found.starts_with(name) || !found.ends_with(end))
    return false;
  return found[name.size()] == '.' && found.substr(name.size() + 1, 16).find_first_not_of(digits) == found.npos;
}

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

// Removes what writers of `name` that were killed have left in the folder, as far as that is possible.
void remove_abandoned(const Descriptor& folder, const std::string& name) {
  Descriptor again(::openat(folder.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const std::unique_ptr<DIR, CloseFolder> listing(again.get() < 0 ? nullptr : ::fdopendir(again.get()));
  if (!listing) return;
  again.release();
  while (const dirent* entry = ::readdir(listing.get())) {
    if (!is_temporary_of(name, entry->d_name)) continue;
    const Descriptor file(::openat(folder.get(), entry->d_name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat status;
    if (file.get() >= 0 && ::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode) && lock(file))
      ::unlinkat(folder.get(), entry->d_name, 0);
  }
}

// Gives the file a second name, where that is possible. A link cannot replace a file, so it is made under another name.
void keep_as(const Descriptor& folder, const std::string& name, const std::string& previous) {
  remove_abandoned(folder, previous);
  std::random_device random;
  const std::string link = fmt::format("{}.{:08x}{:08x}.tmp", previous, random(), random());
  if (::linkat(folder.get(), name.c_str(), folder.get(), link.c_str(), 0) != 0) return;
  const Removal removal(folder, link);  // also where both names were one file already: then renaming does nothing
  ::renameat(folder.get(), link.c_str(), folder.get(), previous.c_str());
}

}  // namespace

InputFile::InputFile(std::string path)
    : path_(std::move(path)),
      // Not to wait for the writer of a pipe, which is refused below.
      descriptor_(uninterrupted([&] { return ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); })) {
  struct stat status;
  if (descriptor_ < 0) fail("read", path_, "open");
  Descriptor opened(descriptor_);  // closes it when the rest fails
  if (::fstat(descriptor_, &status) != 0) fail("read", path_, "fstat");
  if (S_ISDIR(status.st_mode)) throw IoError(fmt::format("read {}: is a folder", path_));
  if (!S_ISREG(status.st_mode)) throw IoError(fmt::format("read {}: is not a regular file", path_));
  size_ = static_cast<std::uint64_t>(status.st_size);
  seconds_ = status.st_mtim.tv_sec;
  nanoseconds_ = status.st_mtim.tv_nsec;
  opened.release();
}

InputFile::~InputFile() { ::close(descriptor_); }

void InputFile::read(std::span<std::byte> to) {
  while (!to.empty()) {
    const auto count = uninterrupted([&] { return ::read(descriptor_, to.data(), to.size()); });
    if (count < 0) fail("read", path_, "read");
    if (count == 0)
      throw IoError(fmt::format("read {}: ends after {} bytes, had {} when it was opened", path_, position_, size_));
    position_ += static_cast<std::uint64_t>(count);
    to = to.subspan(static_cast<std::size_t>(count));
  }
}

void InputFile::check_unchanged() const {
  struct stat status;
  if (::fstat(descriptor_, &status) != 0) fail("read", path_, "fstat");
  if (static_cast<std::uint64_t>(status.st_size) != size_ || status.st_mtim.tv_sec != seconds_ ||
      status.st_mtim.tv_nsec != nanoseconds_)
    throw IoError(fmt::format("read {}: was changed while it was read", path_));
}

std::vector<std::byte> read_file(const std::string& path, std::uint64_t max_bytes) {
  InputFile file(path);
  if (file.size() > max_bytes)
    throw FormatError(fmt::format("{}: has {} bytes, expected at most {}", path, file.size(), max_bytes));
  std::vector<std::byte> bytes(static_cast<std::size_t>(file.size()));
  file.read(bytes);
  file.check_unchanged();
  return bytes;
}

void write_file_atomically(const std::string& path, std::span<const std::span<const std::byte>> parts,
                           const std::string& previous) {
  // Every step names its file relative to this one open folder, whatever becomes of the working directory.
  const std::filesystem::path file = path, folder_path = file.has_parent_path() ? file.parent_path() : ".";
  const Descriptor folder(
      uninterrupted([&] { return ::open(folder_path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (folder.get() < 0) fail("write", path, "open folder");

  const std::string name = file.filename().string();
  remove_abandoned(folder, name);
  const Temporary output = create_temporary(folder, name, path);
  Removal removal(folder, output.name);

  for (std::span<const std::byte> rest : parts)
    while (!rest.empty()) {
      const auto count = uninterrupted([&] { return ::write(output.file.get(), rest.data(), rest.size()); });
      if (count < 0) fail("write", path, "write");
      rest = rest.subspan(static_cast<std::size_t>(count));
    }
  if (uninterrupted([&] { return ::fsync(output.file.get()); }) != 0) fail("write", path, "fsync");
  if (!previous.empty()) keep_as(folder, name, previous);
  // Closed, and so unlocked, only when it has its final name.
  if (::renameat(folder.get(), output.name.c_str(), folder.get(), name.c_str()) != 0) fail("write", path, "rename");
  removal.keep();
  if (uninterrupted([&] { return ::fsync(folder.get()); }) != 0) fail("write", path, "fsync folder");
}

void write_file_atomically(const std::string& path, std::span<const std::byte> bytes) {
  write_file_atomically(path, std::span(&bytes, 1));
}

}  // namespace heed

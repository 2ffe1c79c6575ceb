// Files in pieces in, and whole files out. Written files appear complete or not at all: whoever opens the path, at any
// moment and after any crash, finds the old content or the new one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "heed/tensor/error.h"

namespace heed {

/// A regular file, read from its beginning in pieces.
class InputFile {
 public:
  /// IoError, with the path and the system's reason, when it cannot be opened or is no regular file: a pipe might wait
  /// for ever, a device never end.
  explicit InputFile(std::string path);
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  ~InputFile();

  std::uint64_t size() const { return size_; }  ///< in bytes, when it was opened

  /// Fills `to` with the next bytes. IoError when there are fewer, or reading fails.
  void read(std::span<std::byte> to);

  /// IoError when the file has another size or time of change than when it was opened: then what was read may be old in
  /// one part and new in another.
  void check_unchanged() const;

 private:
  std::string path_;
  int descriptor_;
  std::uint64_t size_ = 0, position_ = 0;
  std::int64_t seconds_ = 0, nanoseconds_ = 0;  // when it was last changed
};

/// All bytes of a regular file. IoError as InputFile, and when it changes meanwhile; FormatError when there are more
/// than `max_bytes`.
std::vector<std::byte> read_file(const std::string& path, std::uint64_t max_bytes);

/// How many bytes longer than the file's name that of write_file_atomically's new file is.
inline constexpr std::size_t temporary_suffix_bytes = 1 + 16 + 4;

/// Makes `parts`, one after the other, the content of the file: written to a new file `path`.<16 hex digits>.tmp beside
/// it, flushed to the disk, renamed over `path`, and the folder flushed. IoError when a step fails; then the new file
/// is gone and, unless only the folder's flush failed, `path` is as it was. A symbolic link at `path` is replaced
/// itself. A process that is killed meanwhile leaves its new file behind; the next call for `path` removes it, which it
/// knows by its name and by the lock (flock) that a living writer holds.
///
/// What was at `path` stays under the name `previous`, a file of the same folder, if one is given and the file system
/// has hard links: the link is made when the new file is on the disk, so there is a whole file at `path` at any moment.
void write_file_atomically(const std::string& path, std::span<const std::span<const std::byte>> parts,
                           const std::string& previous = {});
void write_file_atomically(const std::string& path, std::span<const std::byte> bytes);

}  // namespace heed

// A file that grows record by record: a log. What has been written stays, whatever happens to the process.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace heed {

class AppendFile {
 public:
  enum class Open {
    fresh,    ///< nothing may be there, or an empty file, or something that is no regular file: a pipe, /dev/stdout
    existing  ///< what is there is kept, and written behind; nothing there is a new file
  };

  /// IoError, with the path and the system's reason, when it cannot be opened, when a fresh file is there already and
  /// not empty, and for a pipe that nobody reads.
  AppendFile(std::string path, Open how);
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;
  AppendFile(AppendFile&& other) noexcept;
  AppendFile& operator=(AppendFile&& other) noexcept;
  ~AppendFile();

  const std::string& path() const { return path_; }
  /// False when something was there when it was opened and its last byte is not a newline: a process ended within a
  /// line.
  bool ends_in_newline() const { return ends_in_newline_; }

  /// Adds the bytes at the end of the file, in one piece where the system takes it so: several processes may add to
  /// one file. IoError when that fails; then a part may have been written.
  void append(std::span<const std::byte> bytes);

  /// What has been written is on the disk when this returns. IoError when that fails.
  void sync();

 private:
  std::string path_;
  int descriptor_;
  bool ends_in_newline_ = true;
};

}  // namespace heed

// Whole files in and out. Written files appear complete or not at all: whoever opens the path, at any moment and after
// any crash, finds the old content or the new one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <span>
#include <vector>

#include "heed/tensor/error.h"

namespace heed {

/// The bytes of the file. IoError, with the path and the system's reason, when it cannot be read, is a directory, or
/// has more than `limit` bytes.
std::vector<std::byte> read_file(const std::filesystem::path& path,
                                 std::int64_t limit = std::numeric_limits<std::int64_t>::max());

/// Makes `parts`, one after the other, the content of the file: written to a new file `path`.<16 hex digits>.tmp beside
/// it, flushed to the disk, renamed over `path`, and the folder flushed. IoError when a step fails; then the new file
/// is gone and, unless only the folder's flush failed, `path` is as it was. A symbolic link at `path` is replaced
/// itself.
void write_file_atomically(const std::filesystem::path& path, std::span<const std::span<const std::byte>> parts);
void write_file_atomically(const std::filesystem::path& path, std::span<const std::byte> bytes);

}  // namespace heed

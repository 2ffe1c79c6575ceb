// Results into files that a reader finds either old or new, never half written.
#pragma once

#include <filesystem>
#include <string_view>

namespace heed::examples {

/// Makes `bytes` the content of the file with heed's write_file_atomically(). A symbolic link keeps pointing where it
/// does; what is no regular file is written directly, and so is what
/// stands in /dev or /proc (/dev/stdout may be a file that others write to: it is added to). IoError that names path
/// and reason; then `path` is as it was.
void write_file(const std::filesystem::path& path, std::string_view bytes);

/// Where a chain of symbolic links leads, whether something is there or not; `path` itself when it is none. IoError for a loop.
std::filesystem::path behind_links(std::filesystem::path path);

/// IoError, with the reason, when write_file(path, …) is sure to fail: to be asked before work that takes minutes.
void require_writable(const std::filesystem::path& path);

}  // namespace heed::examples

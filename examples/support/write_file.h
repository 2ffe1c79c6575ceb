// Results into files that a reader finds either old or new, never half written.
#pragma once

#include <filesystem>
#include <string_view>

namespace heed::examples {

/// Makes `bytes` the content of the file with heed's write_file_atomically(). A symbolic link keeps pointing where it
/// does; what is no regular file (/dev/stdout, a pipe) is written directly. IoError that names path and reason; then
/// `path` is as it was.
void write_file(const std::filesystem::path& path, std::string_view bytes);

/// IoError, with the reason, when write_file(path, …) is sure to fail: to be asked before work that takes minutes.
void require_writable(const std::filesystem::path& path);

}  // namespace heed::examples

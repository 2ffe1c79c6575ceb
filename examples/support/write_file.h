// Writing a file so that a reader finds either the old content or the new, never half of it.
#pragma once

#include <filesystem>
#include <string_view>

namespace heed::examples {

/// Writes `bytes` to a temporary file beside `path` and renames it. A symbolic link keeps pointing where it does; what
/// is no regular file (/dev/stdout, a pipe) is written directly. IoError that names path and reason; then `path` is as
/// it was.
void write_file(const std::filesystem::path& path, std::string_view bytes);

}  // namespace heed::examples

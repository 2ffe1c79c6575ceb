// Results into files that a reader finds either old or new, never half written.
#pragma once

#include <filesystem>
#include <string_view>

namespace heed::examples {

/// Makes `bytes` the content of the file with heed's write_file_atomically(). A symbolic link keeps pointing where it
/// does. What is no regular file (a pipe), or is in /dev or /proc (/dev/stdout), is not replaced: the bytes are
/// added to it; a pipe waits a second for its reader. IoError that names path and reason; a file that is replaced is
/// then as it was.
void write_file(const std::filesystem::path& path, std::string_view bytes);

/// Whether write_file(path, …) replaces what is there by a new file.
bool is_replaced(const std::filesystem::path& path);

/// Where a chain of symbolic links leads, whether something is there or not; `path` itself when it is none. Stops in
/// /dev and /proc, where links stand for open files. IoError for a loop.
std::filesystem::path behind_links(std::filesystem::path path);

/// IoError, with the reason, when write_file(path, …) would fail, and for a file its owner has made read-only: to be
/// asked before work that takes minutes. Tries a new file in the folder and removes it; opens a pipe, and leaves it
/// open until the program ends: closed, it would end for its reader before anything is written.
void check_writable(const std::filesystem::path& path);

}  // namespace heed::examples

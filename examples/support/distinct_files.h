// No result may replace what a program reads, or another result.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace heed::examples {

struct NamedFile {
  std::string name;  ///< as a message calls it: "--json result.json"
  std::filesystem::path path;
};

/// Whether both paths lead to one file: by device and inode where both exist (hard links, symbolic links, another
/// spelling), else by the place where a new file would appear.
bool is_same_file(const std::filesystem::path& a, const std::filesystem::path& b);

/// FormatError when an output is the same file as an input or another output. Terminals and other character devices
/// may be all of these.
void require_distinct(const std::vector<NamedFile>& inputs, const std::vector<NamedFile>& outputs);

}  // namespace heed::examples

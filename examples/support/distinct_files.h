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

/// FormatError when an output is the same file as an input or another output: by device and inode where both exist
/// (hard links, symbolic links, another spelling), else by the path a new file would have. Terminals and other
/// character devices may be all of these. Standard output and standard error, where they go into files, are not to be
/// an input, nor an output that write_file() replaces: what is printed would be lost.
void check_distinct(const std::vector<NamedFile>& inputs, const std::vector<NamedFile>& outputs);

}  // namespace heed::examples

#include "examples/support/distinct_files.h"

#include <fmt/format.h>

#include "examples/support/write_file.h"
#include "heed/tensor/error.h"

namespace heed::examples {
namespace fs = std::filesystem;

bool is_same_file(const fs::path& a, const fs::path& b) {
  std::error_code ignored;
  if (fs::exists(a, ignored) && fs::exists(b, ignored)) return fs::equivalent(a, b, ignored);
  const auto place = [&](const fs::path& path) {
    return fs::weakly_canonical(fs::absolute(behind_links(path), ignored), ignored);
  };
  return place(a) == place(b);
}

void require_distinct(const std::vector<NamedFile>& inputs, const std::vector<NamedFile>& outputs) {
  std::vector<NamedFile> others = inputs;
  for (const NamedFile& output : outputs) {
    std::error_code ignored;
    if (fs::is_character_file(output.path, ignored)) continue;
    for (const NamedFile& other : others)
      if (is_same_file(output.path, other.path))
        throw FormatError(fmt::format("{} and {} are the same file", other.name, output.name));
    others.push_back(output);
  }
}

}  // namespace heed::examples

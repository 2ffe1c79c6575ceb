#include "examples/support/distinct_files.h"

#include <fmt/format.h>

#include "examples/support/write_file.h"
#include "heed/tensor/error.h"

namespace heed::examples {
namespace fs = std::filesystem;

namespace {

bool is_same_file(const fs::path& a, const fs::path& b) {
  std::error_code ignored;
  if (fs::exists(a, ignored) && fs::exists(b, ignored)) return fs::equivalent(a, b, ignored);
  const auto location = [&](const fs::path& path) {
    const fs::path absolute = fs::absolute(behind_links(path), ignored);
    const fs::path canonical = fs::weakly_canonical(absolute, ignored);
    return canonical.empty() ? absolute.lexically_normal() : canonical;  // empty: a name that is too long, for one
  };
  return location(a) == location(b);
}

}  // namespace

void check_distinct(const std::vector<NamedFile>& inputs, const std::vector<NamedFile>& outputs) {
  std::vector<NamedFile> others = inputs;
  for (const NamedFile& output : outputs) {
    std::error_code ignored;
    if (fs::is_character_file(output.path, ignored)) continue;
    for (const NamedFile& other : others)
      if (is_same_file(output.path, other.path))
        throw FormatError(fmt::format("{} and {} are the same file", other.name, output.name));
    others.push_back(output);
  }
  for (const NamedFile& printed : {NamedFile{"standard output", "/dev/stdout"}, {"standard error", "/dev/stderr"}}) {
    std::error_code ignored;
    if (!fs::is_regular_file(printed.path, ignored)) continue;
    for (const NamedFile& other : others) {
      const bool is_input = &other < others.data() + inputs.size();
      if ((is_input || is_replaced(other.path)) && is_same_file(other.path, printed.path))
        throw FormatError(fmt::format("{} and {} are the same file", other.name, printed.name));
    }
  }
}

}  // namespace heed::examples

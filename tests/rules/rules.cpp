#include "rules/rules.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>

#include "support/paths.h"

namespace heed::rules {
namespace {

// Innermost first: a file may include what is in its own layer or before it.
constexpr std::array<std::string_view, 7> layers = {"tensor/kernels/", "tensor/", "autograd/", "nn/",
                                                    "models/",         "heed.h",  "examples/"};

// One for each folder of the library, and one for all of them.
constexpr std::array<std::string_view, 5> umbrellas = {"tensor.h", "autograd.h", "nn.h", "models.h", "heed.h"};

// The library's headers are included with this in front of their path: a user's own tensor/shape.h cannot be meant.
constexpr std::string_view prefix = "heed/";

struct Dependency {
  std::string_view name, file;  // how its includes begin, and how the paths of the files that may name it begin
};
constexpr std::array<Dependency, 9> dependencies = {{{"cblas", "tensor/internal/blas.cpp"},
                                                     {"openblas", "tensor/internal/blas.cpp"},
                                                     {"oneapi/", "tensor/internal/tbb.cpp"},
                                                     {"tbb/", "tensor/internal/tbb.cpp"},
                                                     {"hwy/", "tensor/kernels/"},
                                                     {"utf8proc", "nn/data/unicode.cpp"},
                                                     {"zlib", "tensor/io/gzip.cpp"},
                                                     {"sentencepiece", "examples/support/subword_model.cpp"},
                                                     {"CLI/", "examples/support/flags.cpp"}}};

struct Include {
  std::string name;    // what stands between the marks
  std::string target;  // the path from the repository's root, when it is a file of the library or of the examples
  bool quoted;         // "name", not <name>
  std::size_t line;
};

bool is_header(std::string_view path) { return path.ends_with(".h"); }

bool is_internal(std::string_view path) { return path.find("/internal/") != std::string_view::npos; }

bool is_umbrella(std::string_view path) { return std::ranges::find(umbrellas, path) != umbrellas.end(); }

std::size_t layer_of(std::string_view path) {
  const auto found =
      std::find_if(layers.begin(), layers.end(), [&](std::string_view layer) { return path.starts_with(layer); });
  return static_cast<std::size_t>(found - layers.begin());
}

// What stands behind #word on this line, without leading blanks; empty when the line is no such directive.
std::string_view directive(std::string_view line, std::string_view word) {
  const auto skip_blanks = [&] { line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size())); };
  skip_blanks();
  if (!line.starts_with('#')) return {};
  line.remove_prefix(1);
  skip_blanks();
  if (!line.starts_with(word)) return {};
  line.remove_prefix(word.size());
  skip_blanks();
  return line;
}

template <class Body>
void for_each_line(const File& file, Body&& body) {
  std::istringstream text(file.text);
  std::string line;
  for (std::size_t number = 1; std::getline(text, line); ++number) body(line, number);
}

std::vector<Include> includes_of(const File& file) {
  std::vector<Include> result;
  for_each_line(file, [&](std::string_view line, std::size_t number) {
    const std::string_view rest = directive(line, "include");
    if (rest.empty() || (rest[0] != '"' && rest[0] != '<')) return;
    const bool quoted = rest[0] == '"';
    std::string name(rest.substr(1, rest.find(quoted ? '"' : '>', 1) - 1));
    std::string target = name;
    if (name.starts_with(prefix)) target.erase(0, prefix.size());
    result.push_back({std::move(name), std::move(target), quoted, number});
  });
  return result;
}

// Why the file may not have this include; empty when it may.
std::string refusal(std::string_view path, const Include& include) {
  const std::string_view name = include.target;
  const std::size_t here = is_umbrella(path) ? layer_of("heed.h") : layer_of(path);
  const std::size_t there = is_umbrella(name) ? layer_of("heed.h") : layer_of(name);
  const bool inside = there < layers.size();
  if (there < layer_of("heed.h") && !include.name.starts_with(prefix))
    return "a header of the library is named with heed/ in front";
  if (inside && there > here && here == 0) return "tensor/kernels includes nothing of heed but itself";
  if (inside && there > here) return "includes point one way: std <- tensor <- autograd <- nn <- models <- examples";
  if (path.starts_with("nn/attention/") && name.starts_with("nn/rnn/")) return "nn/attention does not know nn/rnn";
  if (path.starts_with("nn/rnn/") && name.starts_with("nn/attention/")) return "nn/rnn does not know nn/attention";

  const auto dependency = std::find_if(dependencies.begin(), dependencies.end(),
                                       [&](const Dependency& known) { return name.starts_with(known.name); });
  if (dependency != dependencies.end()) {
    if (path.starts_with(dependency->file)) return {};
    return "only " + std::string(dependency->file) + " may name it";
  }
  if (include.quoted && !inside) return "files of heed are named from the repository's root";

  const bool for_users = is_header(path) && here > 0 && !path.starts_with("examples/");
  if (for_users && !is_internal(path) && (there == 0 || is_internal(name)))
    return "it is not installed, so no public header may need it";
  if (for_users && !is_internal(path) && !inside && name.find_first_of("./") != std::string_view::npos)
    return "a public header names the standard library and heed only";
  return {};
}

bool is_public_header(const File& file) {
  return is_header(file.path) && !file.path.starts_with(layers[0]) && !is_internal(file.path) &&
         !file.path.ends_with("-inl.h") && file.text.find("Not part of the public interface") == std::string::npos;
}

}  // namespace

File read_file(const std::string& path) {
  std::ifstream stream(source_path(path), std::ios::binary);
  return {path, {std::istreambuf_iterator<char>(stream), {}}};
}

std::vector<File> read_files(const std::vector<std::string>& folders, const std::vector<std::string>& endings) {
  const std::filesystem::path root = source_path();
  std::vector<File> files;
  for (const std::string& folder : folders)
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
      const std::string path = entry.path().lexically_relative(root).generic_string();
      const bool wanted = std::any_of(endings.begin(), endings.end(),
                                      [&](const std::string& ending) { return path.ends_with(ending); });
      if (wanted && entry.is_regular_file()) files.push_back(read_file(path));
    }
  std::sort(files.begin(), files.end(), [](const File& a, const File& b) { return a.path < b.path; });
  return files;
}

std::vector<File> read_library() { return read_files({"tensor", "autograd", "nn", "models"}, {".h", ".cpp"}); }

std::vector<std::string> wrong_includes(const std::vector<File>& files) {
  std::vector<std::string> result;
  for (const File& file : files)
    for (const Include& include : includes_of(file))
      if (const std::string why = refusal(file.path, include); !why.empty())
        result.push_back(file.path + ":" + std::to_string(include.line) + " includes " + include.name + ": " + why);
  return result;
}

std::vector<std::string> late_own_headers(const std::vector<File>& files) {
  std::vector<std::string> result;
  for (const File& header : files) {
    if (!is_header(header.path) || header.path.starts_with(layers[0])) continue;
    const std::string source = header.path.substr(0, header.path.size() - 2) + ".cpp";
    const auto found = std::find_if(files.begin(), files.end(), [&](const File& file) { return file.path == source; });
    if (found == files.end()) continue;
    const std::vector<Include> includes = includes_of(*found);
    if (includes.empty() || includes[0].name != std::string(prefix) + header.path)
      result.push_back(source + " does not include " + std::string(prefix) + header.path + " first");
  }
  return result;
}

std::vector<std::string> missing_from_umbrella(const std::vector<File>& files, const File& umbrella) {
  const std::vector<Include> listed = includes_of(umbrella);
  std::vector<std::string> result;
  const std::string folder = umbrella.path.substr(0, umbrella.path.size() - 2) + "/";
  for (const File& file : files)
    if (file.path.starts_with(folder) && is_public_header(file) &&
        std::none_of(listed.begin(), listed.end(),
                     [&](const Include& include) { return include.name == std::string(prefix) + file.path; }))
      result.push_back(umbrella.path + " does not include " + file.path);
  return result;
}

std::vector<std::string> long_files(const std::vector<File>& files, std::size_t limit) {
  std::vector<std::string> result;
  for (const File& file : files) {
    const auto lines = static_cast<std::size_t>(std::count(file.text.begin(), file.text.end(), '\n'));
    if (lines > limit) result.push_back(file.path + " has " + std::to_string(lines) + " lines");
  }
  return result;
}

std::vector<std::string> macros(const std::vector<File>& files) {
  std::vector<std::string> result;
  for (const File& file : files)
    for_each_line(file, [&](std::string_view line, std::size_t number) {
      const std::string_view rest = directive(line, "define");
      if (!rest.empty()) result.push_back(file.path + ":" + std::to_string(number) + " defines " + std::string(rest));
    });
  return result;
}

}  // namespace heed::rules

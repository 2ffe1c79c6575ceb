#include "autograd/declared_operations.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

#include "support/paths.h"

namespace heed::test {
namespace {

// The text without comments and preprocessor lines, every stretch of blanks as one space.
std::string code_of(const std::string& text) {
  static const std::regex noise(R"(//[^\n]*|/\*[\s\S]*?\*/|(^|\n)[ \t]*#[^\n]*)"), blanks(R"(\s+)");
  return std::regex_replace(std::regex_replace(text, noise, "\n"), blanks, " ");
}

// The heads of everything declared at namespace level: what stands before each ; or {…} there.
std::vector<std::string> declarations(const std::string& code) {
  std::vector<std::string> result;
  std::string head;
  int depth = 0, brackets = 0;  // of braces that are no namespace's; of parentheses, where a {} is a default
  for (const char c : code) {
    brackets += (c == '(') - (c == ')');
    if (brackets > 0) {
      if (depth == 0) head += c;
      continue;
    }
    if (c == '}') {
      depth = std::max(0, depth - 1);
      continue;
    }
    if (depth > 0) {
      depth += c == '{';
      continue;
    }
    if (c != ';' && c != '{') {
      head += c;
      continue;
    }
    const bool is_namespace = std::regex_search(head, std::regex(R"(\bnamespace\b)"));
    if (c == '{' && !is_namespace) depth = 1;
    result.push_back(head);
    head.clear();
  }
  return result;
}

}  // namespace

std::vector<std::string> declared_operations(const std::string& text) {
  static const std::regex function(R"(^ ?(?:inline )?(std::array<\w+, \d+>|[\w:<>]+) (\w+)\((.*)\) ?$)");
  static const std::regex takes_variable(R"((^|[^\w])Variable\b)"),
      no_result(R"(void|bool|int|double|(std::vector<)?std::string>?)");
  std::vector<std::string> names;
  for (const std::string& head : declarations(code_of(text))) {
    std::smatch parts;
    if (!std::regex_match(head, parts, function)) continue;
    const std::string result = parts[1], name = parts[2], parameters = parts[3];
    if (!std::regex_search(parameters, takes_variable) || std::regex_match(result, no_result)) continue;
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

std::vector<std::string> operations_of_the_library(const std::string& folder) {
  std::vector<std::string> result;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(source_path(folder))) {
    if (entry.path().extension() != ".h" || entry.path().parent_path().filename() == "internal") continue;
    std::ifstream stream(entry.path());
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    for (const std::string& name : declared_operations(text))
      if (name != "gradients" && name != "recorded_gradients") result.push_back(name);  // they walk a graph
  }
  return result;
}

}  // namespace heed::test

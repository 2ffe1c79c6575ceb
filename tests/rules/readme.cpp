// The C++ in the README does what the README says. It is compiled by tests/CMakeLists.txt from the README's own text.
#include <cstdio>
#include <string>

#include "rules/rules.h"
#include "support/catch.h"
#include "support/paths.h"

namespace {

// What the README's C++ block of this number prints.
std::string output_of_block(int number) {
  FILE* pipe = popen(("'" + heed::readme_program(number).string() + "'").c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string printed;
  for (int c; (c = std::fgetc(pipe)) != EOF;) printed += static_cast<char>(c);
  CHECK(pclose(pipe) == 0);
  return printed;
}

// The README from `before` on up to `end`; empty when it has no such text.
std::string readme_between(const std::string& before, const std::string& end) {
  const std::string readme = heed::rules::read_file("README.md").text;
  const std::size_t at = readme.find(before);
  REQUIRE(at != std::string::npos);
  const std::size_t begin = at + before.size();
  return readme.substr(begin, readme.find(end, begin) - begin);
}

}  // namespace

TEST_CASE("the README's first lines print the derivative that stands beside them", "[rules][programs]") {
  CHECK(output_of_block(1) == readme_between("grad().item() << '\\n';  // ", ",") + "\n");
}

TEST_CASE("the README's program runs and prints what its last line says", "[rules][programs]") {
  CHECK(output_of_block(2) == "i64 [4]\n" + readme_between("// i64 [4], then ", "\n") + "\n");
}

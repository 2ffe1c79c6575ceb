// The program in the README does what the README says. It is compiled by tests/CMakeLists.txt from the README's own
// text.
#include <cstdio>
#include <string>

#include "rules/rules.h"
#include "support/catch.h"
#include "support/paths.h"

TEST_CASE("the README's program runs and prints what its last line says", "[rules][programs]") {
  FILE* pipe = popen(("'" + heed::readme_program().string() + "'").c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string printed;
  for (int c; (c = std::fgetc(pipe)) != EOF;) printed += static_cast<char>(c);
  CHECK(pclose(pipe) == 0);
  const std::string readme = heed::rules::read_file("README.md").text, marker = "// i64 [4], then [";
  const std::size_t at = readme.find(marker);
  REQUIRE(at != std::string::npos);
  const std::size_t numbers = at + marker.size() - 1;
  CHECK(printed == "i64 [4]\n" + readme.substr(numbers, readme.find('\n', numbers) - numbers) + "\n");
}

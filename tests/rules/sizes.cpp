// Files small enough to be read at one sitting, and hardly a macro.
#include "rules/rules.h"
#include "support/catch.h"

using namespace heed::rules;

TEST_CASE("no hand-written file is longer than 450 lines", "[rules]") {
  const auto files =
      read_files({"tensor", "autograd", "nn", "models", "examples", "tests", "bench", "cmake", "scripts"},
                 {".h", ".cpp", ".py", ".sh", ".cmake", "CMakeLists.txt"});
  REQUIRE(files.size() > 50);
  CHECK(long_files(files, 450) == std::vector<std::string>{});

  const std::string three_lines = "a\nb\nc\n";
  CHECK(long_files({{"a.h", three_lines}}, 3) == std::vector<std::string>{});
  CHECK(long_files({{"a.h", three_lines}}, 2) == std::vector<std::string>{"a.h has 3 lines"});
}

TEST_CASE("the library defines fewer than ten macros", "[rules]") {
  auto found = macros(read_library());
  // Highway asks every kernel file for its own name.
  std::erase_if(found, [](const std::string& macro) { return macro.find("HWY_TARGET_INCLUDE") != std::string::npos; });
  CAPTURE(found);
  CHECK(found.size() < 10);

  CHECK(macros({{"a.cpp", "#define ONE 1\n  # define TWO(x) x\n// #define THREE\nint define;\n"}}) ==
        std::vector<std::string>{"a.cpp:1 defines ONE 1", "a.cpp:2 defines TWO(x) x"});
}

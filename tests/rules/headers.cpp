// Every public header compiles alone and can be reached through heed.h. That a header compiles alone is proved by the
// source file of its name, which must include it first; tests/CMakeLists.txt compiles those that have none.
#include "rules/rules.h"
#include "support/catch.h"

using namespace heed::rules;

namespace {
const std::vector<std::string> nothing;
}

TEST_CASE("every source file includes its own header first", "[rules]") {
  CHECK(late_own_headers(read_library()) == nothing);

  const File header{"nn/a.h", "#pragma once\n"};
  CHECK(late_own_headers({header, {"nn/a.cpp", "#include \"heed/nn/a.h\"\n#include <vector>\n"}}) == nothing);
  CHECK(late_own_headers({header, {"nn/a.cpp", "#include <vector>\n#include \"heed/nn/a.h\"\n"}}) ==
        std::vector<std::string>{"nn/a.cpp does not include heed/nn/a.h first"});
  CHECK(late_own_headers({header, {"nn/a.cpp", ""}}).size() == 1);
  CHECK(late_own_headers({header, {"models/a.cpp", ""}}) == nothing);
}

TEST_CASE("a folder's umbrella includes every public header, and heed.h every umbrella", "[rules]") {
  const std::string all = read_file("heed.h").text;
  for (const std::string umbrella : {"tensor.h", "autograd.h", "nn.h", "models.h"}) {
    CHECK(missing_from_umbrella(read_library(), read_file(umbrella)) == nothing);
    CHECK(all.find("\n#include \"heed/" + umbrella + "\"\n") != std::string::npos);
  }

  const File short_one{"nn.h", "#include \"heed/nn/a.h\"\n// #include \"heed/nn/b.h\"\n"};
  CHECK(missing_from_umbrella({{"nn/a.h", ""}}, short_one) == nothing);
  CHECK(missing_from_umbrella({{"nn/b.h", ""}}, short_one) == std::vector<std::string>{"nn.h does not include nn/b.h"});
  for (const std::string other : {"tensor/kernels/b.h", "nn/internal/b.h", "nn/b-inl.h", "nn/b.cpp", "models/b.h"})
    CHECK(missing_from_umbrella({{other, ""}}, short_one) == nothing);
  CHECK(missing_from_umbrella({{"nn/b.h", "// Helpers.\n// Not part of the public interface.\n"}}, short_one) ==
        nothing);
}

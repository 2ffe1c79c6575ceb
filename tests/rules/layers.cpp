// Includes point one way, and a dependency is named in one place.
#include <algorithm>

#include "rules/rules.h"
#include "support/catch.h"

using namespace heed::rules;

namespace {

std::string wrong(const std::string& path, const std::string& line) {
  const auto found = wrong_includes({{path, "// A made-up file.\n#pragma once\n" + line + "\n"}});
  return found.empty() ? "" : found[0];
}

bool accepts(const std::string& path, const std::string& line) { return wrong(path, line).empty(); }

}  // namespace

TEST_CASE("heed's own includes keep the rules", "[rules]") {
  const auto library = read_files({"tensor", "autograd", "nn", "models", "examples"}, {".h", ".cpp"});
  for (const std::string folder :
       {"tensor/", "tensor/kernels/", "autograd/", "nn/", "nn/attention/", "nn/rnn/", "models/", "examples/"}) {
    INFO(folder);
    CHECK(std::any_of(library.begin(), library.end(), [&](const File& file) { return file.path.starts_with(folder); }));
  }
  CHECK(wrong_includes(library) == std::vector<std::string>{});
}

TEST_CASE("an include upward is refused", "[rules]") {
  CHECK(wrong("tensor/a.h", "#include \"heed/autograd/b.h\"") ==
        "tensor/a.h:3 includes heed/autograd/b.h: includes point one way: std <- tensor <- autograd <- nn <- models <- "
        "examples");
  CHECK(!accepts("tensor/a.cpp", "#include \"heed/nn/b.h\""));
  CHECK(!accepts("autograd/a.cpp", "#include \"heed/nn/linear.h\""));
  CHECK(!accepts("nn/train/a.cpp", "#include \"heed/models/b.h\""));
  CHECK(!accepts("models/a.cpp", "#include \"examples/support/b.h\""));
  CHECK(!accepts("models/a.cpp", "#include <heed.h>"));
  CHECK(!accepts("models/a.cpp", "#include \"heed/tensor.h\""));
  CHECK(!accepts("nn/a.h", "  #  include  <models/b.h>  // written otherwise"));

  CHECK(accepts("autograd/a.cpp", "#include \"heed/tensor/b.h\""));
  CHECK(!accepts("autograd/a.cpp", "#include \"tensor/b.h\""));
  CHECK(!accepts("autograd/a.cpp", "#include <tensor/b.h>"));
  CHECK(accepts("models/a.h", "#include \"heed/nn/attention/b.h\""));
  CHECK(accepts("nn/transformer/a.h", "#include \"heed/nn/rnn/b.h\""));
  CHECK(accepts("examples/a.cpp", "#include <heed.h>"));
  CHECK(accepts("tensor/a.h", "// #include \"heed/nn/b.h\" would be wrong"));
}

TEST_CASE("kernels know no Tensor", "[rules]") {
  CHECK(wrong("tensor/kernels/a.cpp", "#include \"heed/tensor/shape.h\"") ==
        "tensor/kernels/a.cpp:3 includes heed/tensor/shape.h: tensor/kernels includes nothing of heed but itself");
  CHECK(accepts("tensor/kernels/a.cpp", "#include \"heed/tensor/kernels/a.h\""));
  CHECK(accepts("tensor/ops/softmax.cpp", "#include \"heed/tensor/kernels/softmax.h\""));
  CHECK(!accepts("tensor/ops/softmax.h", "#include \"heed/tensor/kernels/softmax.h\""));
}

TEST_CASE("attention and recurrent networks do not know each other", "[rules]") {
  CHECK(!accepts("nn/attention/a.cpp", "#include \"heed/nn/rnn/b.h\""));
  CHECK(!accepts("nn/rnn/a.h", "#include \"heed/nn/attention/b.h\""));
  CHECK(accepts("nn/attention/a.cpp", "#include \"heed/nn/attention/b.h\""));
}

TEST_CASE("a dependency is named in one place", "[rules]") {
  CHECK(!accepts("tensor/ops/matmul.cpp", "#include <cblas.h>"));
  CHECK(!accepts("nn/a.cpp", "#include <openblas/cblas.h>"));
  CHECK(!accepts("tensor/ops/reduce.cpp", "#include <oneapi/tbb/parallel_for.h>"));
  CHECK(!accepts("tensor/internal/parallel.h", "#include <tbb/task_arena.h>"));
  CHECK(!accepts("tensor/ops/softmax.cpp", "#include <hwy/highway.h>"));
  CHECK(!accepts("models/a.cpp", "#include <CLI/CLI.hpp>"));
  CHECK(!accepts("nn/data/text.cpp", "#include <utf8proc.h>"));
  CHECK(!accepts("tensor/io/idx.cpp", "#include <zlib.h>"));
  CHECK(!accepts("nn/data/subwords.cpp", "#include <sentencepiece_processor.h>"));
  CHECK(!accepts("examples/char_rnn.cpp", "#include <sentencepiece_trainer.h>"));

  CHECK(accepts("tensor/internal/blas.cpp", "#include <cblas.h>"));
  CHECK(accepts("tensor/internal/tbb.cpp", "#include <oneapi/tbb/parallel_for.h>"));
  CHECK(accepts("tensor/internal/tbb.cpp", "#include <oneapi/tbb/scalable_allocator.h>"));
  CHECK(!accepts("tensor/memory.cpp", "#include <oneapi/tbb/scalable_allocator.h>"));
  CHECK(accepts("tensor/kernels/softmax.cpp", "#include \"hwy/foreach_target.h\""));
  CHECK(accepts("examples/support/flags.cpp", "#include <CLI/CLI.hpp>"));
  CHECK(!accepts("examples/names.cpp", "#include <CLI/CLI.hpp>"));
  CHECK(accepts("nn/data/unicode.cpp", "#include <utf8proc.h>"));
  CHECK(accepts("tensor/io/gzip.cpp", "#include <zlib.h>"));
  CHECK(accepts("examples/support/subword_model.cpp", "#include <sentencepiece_processor.h>"));
}

TEST_CASE("a public header names the standard library and heed only", "[rules]") {
  CHECK(!accepts("tensor/a.h", "#include <fmt/core.h>"));
  CHECK(!accepts("nn/train/a.h", "#include <nlohmann/json.hpp>"));
  CHECK(!accepts("heed.h", "#include <fmt/core.h>"));
  CHECK(!accepts("nn/a.h", "#include <unistd.h>"));
  CHECK(!accepts("nn/a.h", "#include \"b.h\""));

  CHECK(accepts("tensor/a.h", "#include <vector>"));
  CHECK(accepts("nn/train/a.cpp", "#include <nlohmann/json.hpp>"));
  CHECK(accepts("tensor/a.cpp", "#include <fmt/ranges.h>"));
}

TEST_CASE("what is internal is named by sources only", "[rules]") {
  CHECK(wrong("nn/a.h", "#include \"heed/tensor/internal/b.h\"") ==
        "nn/a.h:3 includes heed/tensor/internal/b.h: it is not installed, so no public header may need it");
  CHECK(accepts("nn/a.cpp", "#include \"heed/tensor/internal/b.h\""));
  CHECK(accepts("tensor/internal/a.h", "#include \"heed/tensor/internal/b.h\""));
}

// How many cases are compared with PyTorch's numbers (guarantee G4). A case is one configuration of a layer, cell or
// function in one float type, whose outputs and all of whose gradients are compared.
#include <filesystem>
#include <fstream>
#include <iterator>

#include "parity/golden.h"
#include "support/catch.h"
#include "support/paths.h"

using namespace heed;
using namespace heed::test;

namespace {

// What the tests in this folder say, one after the other.
std::string tests_of_this_folder() {
  std::string text;
  for (const auto& entry : std::filesystem::directory_iterator(source_path("tests/parity"))) {
    if (entry.path().extension() != ".cpp" || entry.path().stem() == "count") continue;
    std::ifstream stream(entry.path());
    text.append(std::istreambuf_iterator<char>(stream), {});
  }
  return text;
}

// The golden files of layers and functions that PyTorch has, or that are one line of its functions (maxout, swiglu).
// Not those of layers written out in PyTorch for the purpose (gru_before, attention) and of optimizers, which have no
// gradients.
constexpr const char* files[] = {"layers",
                                 "activations",
                                 "gates",
                                 "losses",
                                 "differences",
                                 "class_losses",
                                 "softmax",
                                 "layer_norm",
                                 "rms_norm",
                                 "composed",
                                 "conv1d",
                                 "rnn_tanh",
                                 "rnn_relu",
                                 "lstm",
                                 "lstm_deep",
                                 "gru",
                                 "gru_deep",
                                 "multi_head",
                                 "scaled_dot_product_attention",
                                 "transformer"};
constexpr std::uintmax_t largest_file = 200'000;

}  // namespace

TEST_CASE("at least 120 configurations equal PyTorch's, in f64 and in f32", "[parity]") {
  const std::string tests = tests_of_this_folder();
  std::size_t cases = 0;
  for (const std::string file : files) {
    CAPTURE(file);
    CHECK(tests.find('"' + file + '"') != std::string::npos);
    CHECK(std::filesystem::file_size(source_path("tests/parity/" + file + ".safetensors")) < largest_file);
    for (const Golden& golden : goldens(file)) {
      INFO(golden.name());
      CHECK(!golden.names("out/").empty());
      CHECK(!golden.names("grad/").empty());
      ++cases;
    }
  }
  CHECK(cases >= 2 * 120);  // what is promised
  CHECK(cases == 2 * 353);  // what there is: a file that loses cases shows here
}

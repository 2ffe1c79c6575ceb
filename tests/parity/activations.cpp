// Activations and gated linear units equal PyTorch's.
#include "heed/autograd/ops/activation.h"

#include "heed/autograd/ops/glu.h"
#include "parity/golden.h"
#include "support/catch.h"

using namespace heed;
using heed::test::Golden;

TEST_CASE("activations equal PyTorch's", "[parity]") {
  const std::map<std::string, Variable (*)(const Variable&)> functions{
      {"leaky_relu", [](const Variable& x) { return leaky_relu(x); }},
      {"leaky_relu, steep", [](const Variable& x) { return leaky_relu(x, 0.25); }},
      {"elu", [](const Variable& x) { return elu(x); }},
      {"elu, low", [](const Variable& x) { return elu(x, 0.5); }},
      {"gelu", [](const Variable& x) { return gelu(x); }},
      {"gelu, tanh", [](const Variable& x) { return gelu(x, Approximate::tanh); }},
      {"silu", silu},
      {"softplus", softplus},
      {"erf", erf}};
  for (Golden& golden : test::goldens("activations"))
    golden.compare({{"y", functions.at(golden.name().substr(0, golden.name().rfind(',')))(golden.input("x"))}});
}

TEST_CASE("gated linear units equal PyTorch's", "[parity]") {
  const std::map<std::string, Variable (*)(const Variable&, int)> functions{
      {"glu", glu}, {"reglu", reglu}, {"geglu", geglu}, {"swiglu", swiglu}};
  for (Golden& golden : test::goldens("gates"))
    golden.compare({{"y", functions.at(golden.kind())(golden.input("x"), static_cast<int>(golden.integer("axis")))}});
}

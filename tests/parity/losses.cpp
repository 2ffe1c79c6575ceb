// mse_loss and bce_with_logits equal PyTorch's.
#include "heed/autograd/ops/losses.h"

#include "heed/tensor/ops/elementwise.h"
#include "parity/golden.h"
#include "support/catch.h"

using namespace heed;
using heed::test::Golden;

TEST_CASE("losses of two arrays equal PyTorch's", "[parity]") {
  const std::map<std::string, Reduction> reductions{
      {"mean", Reduction::mean}, {"sum", Reduction::sum}, {"none", Reduction::none}};
  for (Golden& golden : test::goldens("losses")) {
    const std::string rest = golden.name().substr(golden.name().find(", ") + 2);
    const Reduction reduction = reductions.at(rest.substr(0, rest.find(',')));
    const Tensor weights = golden.has("set/weights") ? golden.tensor("set/weights") : Tensor();
    const auto loss = golden.kind() == "mse_loss" ? mse_loss : bce_with_logits;
    golden.compare({{"loss", loss(golden.input("x"), golden.input("target"), reduction, weights)}});
  }
}

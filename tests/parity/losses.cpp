// Losses equal PyTorch's.
#include "heed/autograd/ops/losses.h"

#include "heed/autograd/fused/cross_entropy.h"
#include "heed/tensor/ops/elementwise.h"
#include "parity/golden.h"
#include "support/catch.h"

using namespace heed;
using heed::test::Golden;

namespace {

const std::map<std::string, Reduction> reductions{
    {"mean", Reduction::mean}, {"sum", Reduction::sum}, {"none", Reduction::none}};

// A setting that the case may have.
double setting(const Golden& golden, const std::string& name, double otherwise) {
  return golden.has("set/" + name) ? golden.number(name) : otherwise;
}

Variable difference(Golden& golden, Reduction reduction) {
  const Variable x = golden.input("x"), target = golden.input("target");
  if (golden.kind() == "l1_loss") return l1_loss(x, target, reduction);
  if (golden.kind() == "huber_loss") return huber_loss(x, target, setting(golden, "delta", 1), reduction);
  if (golden.kind() == "smooth_l1_loss") return smooth_l1_loss(x, target, setting(golden, "beta", 1), reduction);
  return kl_div(x, target, setting(golden, "log_target", 0) == 1, reduction);
}

}  // namespace

TEST_CASE("mse_loss and bce_with_logits equal PyTorch's", "[parity]") {
  for (Golden& golden : test::goldens("losses")) {
    const std::string rest = golden.name().substr(golden.name().find(", ") + 2);
    const Reduction reduction = reductions.at(rest.substr(0, rest.find(',')));
    const Tensor weights = golden.has("set/weights") ? golden.tensor("set/weights") : Tensor();
    const auto loss = golden.kind() == "mse_loss" ? mse_loss : bce_with_logits;
    golden.compare({{"loss", loss(golden.input("x"), golden.input("target"), reduction, weights)}});
  }
}

TEST_CASE("losses of differences and divergences equal PyTorch's", "[parity]") {
  for (Golden& golden : test::goldens("differences")) {
    const Reduction reduction = reductions.at(golden.name().substr(golden.name().rfind(", ") + 2));
    golden.compare({{"loss", difference(golden, reduction)}});
  }
}

TEST_CASE("losses over classes equal PyTorch's", "[parity]") {
  for (Golden& golden : test::goldens("class_losses")) {
    const bool soft = golden.has("set/probabilities");
    ClassLossOptions options{.label_smoothing = setting(golden, "smoothing", 0),
                             .reduction = reductions.at(golden.name().substr(golden.name().rfind(", ") + 2))};
    if (golden.has("set/class_weights")) options.class_weights = golden.tensor("set/class_weights");
    if (golden.has("set/ignore")) options.ignore_index = golden.integer("ignore");
    const Variable x = golden.input("x");
    const Tensor targets = golden.tensor(soft ? "set/probabilities" : "set/classes");
    golden.compare(
        {{"loss", golden.kind() == "nll_loss" ? nll_loss(x, targets, options) : cross_entropy(x, targets, options)}});
  }
}

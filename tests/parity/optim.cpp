// Adam, SGD and clipping equal PyTorch's, step by step.
#include "heed/nn/optim/adam.h"
#include "heed/nn/optim/clip.h"
#include "heed/nn/optim/sgd.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/movement.h"
#include "parity/golden.h"
#include "support/catch.h"

using namespace heed;
using heed::test::Golden;

namespace {

template <class Optimizer>
void follow(const Golden& golden, const typename Optimizer::Config& config) {
  const Variable a(golden.tensor("in/a"), true), b(golden.tensor("in/b"), true);
  const Tensor a_grad = golden.tensor("in/a.grad"), b_grad = golden.tensor("in/b.grad");
  const std::vector<double> rates = golden.numbers("rates"), present = golden.numbers("present");
  Optimizer optimizer({a, b}, config);
  std::vector<Tensor> a_path, b_path;
  for (std::size_t step = 0; step < present.size(); ++step) {
    const auto index = static_cast<std::int64_t>(step);
    optimizer.config.learning_rate = rates[step % rates.size()];
    optimizer.zero_grad();
    a.set_grad(select(a_grad, 0, index));
    if (present[step] == 1) b.set_grad(select(b_grad, 0, index));
    optimizer.step();
    a_path.push_back(a.value().clone());
    b_path.push_back(b.value().clone());
  }
  golden.compare_output("a", stack(a_path, 0));
  golden.compare_output("b", stack(b_path, 0));
}

// PyTorch divides by norm + 1e-6, heed by the norm.
void clip(const Golden& golden) {
  std::vector<Variable> parameters;
  for (const char* name : {"0.grad", "1.grad", "2.grad"}) {
    const Tensor gradient = golden.tensor(std::string("in/") + name);
    parameters.emplace_back(gradient.clone(), true);
    parameters.back().set_grad(gradient);
  }
  const double limit = golden.number("limit"), norm = golden.number("norm");
  CHECK(nn::clip_grad_norm(parameters, limit) == Approx(norm).epsilon(1e-12));
  const double correction = norm > limit ? norm / (norm + 1e-6) : 1;
  for (std::size_t i = 0; i < parameters.size(); ++i)
    golden.compare_output(std::to_string(i) + ".grad", parameters[i].grad() * correction);
}

}  // namespace

TEST_CASE("optimizers equal PyTorch's", "[parity]") {
  for (const Golden& golden : test::goldens("optim")) {
    INFO(golden.name() << ", " << name(golden.dtype()));
    if (golden.kind() == "adam")
      follow<nn::Adam>(
          golden,
          {.beta1 = golden.number("beta1"), .beta2 = golden.number("beta2"), .epsilon = golden.number("epsilon")});
    else if (golden.kind() == "sgd")
      follow<nn::Sgd>(golden, {.momentum = golden.number("momentum")});
    else
      clip(golden);
  }
}

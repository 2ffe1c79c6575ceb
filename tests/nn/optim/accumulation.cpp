// Gradients that add up over several parts of a batch before one step: as optimizer.h tells to do it, they are those of
// the whole batch.
#include <algorithm>
#include <utility>
#include <vector>

#include "heed/autograd/backward.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/losses.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/nn/optim/sgd.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/movement.h"
#include "support/array.h"
#include "support/catch.h"

using namespace heed;

TEST_CASE("parts of a batch add up to its mean loss and its gradient (trap O7)", "[nn][optim]") {
  // Squared errors of 4 for one token, and of 1, 1 and 4 for three.
  const Tensor errors = tensor({2, 1, -1, -2}, {4}, DType::f64);
  const Variable whole(zeros({4}, DType::f64), true), parts(zeros({4}, DType::f64), true);
  const Variable all = mse_loss(whole, Variable(errors));
  backward(all);
  CHECK(all.item() == 2.5);

  double loss = 0;
  for (const auto& [begin, end] : {std::pair(0, 1), std::pair(1, 4)}) {
    const Variable part = mse_loss(slice(parts, 0, begin, end), slice(Variable(errors), 0, begin, end));
    const Variable share = part * ((end - begin) / 4.0);
    backward(share);
    loss += share.item();
  }
  CHECK(loss == 2.5);
  CHECK(test::same_bits(parts.grad(), whole.grad()));
}

TEST_CASE("weighted parts of a batch add up by their weights (trap O7)", "[nn][optim]") {
  const Tensor errors = tensor({2, 1, -1, -2}, {4}, DType::f64), weights = tensor({1, 1, 0, 2}, {4}, DType::f64);
  const Variable whole(zeros({4}, DType::f64), true), parts(zeros({4}, DType::f64), true);
  const Variable all = mse_loss(whole, Variable(errors), Reduction::mean, weights);
  backward(all);
  double loss = 0;
  for (const auto& [begin, weight] : {std::pair(0, 2.0), std::pair(2, 2.0)}) {
    const auto part = [first = begin](const auto& x) { return slice(x, 0, first, first + 2); };
    const Variable mean = mse_loss(part(parts), Variable(part(errors)), Reduction::mean, part(weights));
    const Variable share = mean * (weight / 4);
    backward(share);
    loss += share.item();
  }
  CHECK(loss == Approx(all.item()).epsilon(1e-15));
  CHECK(test::same_bits(parts.grad(), whole.grad()));
}

TEST_CASE("what an epoch leaves over does not leak into the next step (trap O8)", "[nn][optim]") {
  const Variable x(zeros({}, DType::f64), true);
  nn::Sgd sgd({x}, {.learning_rate = 1});
  std::vector<double> gradients, losses;
  for (int epoch = 0; epoch < 2; ++epoch)
    for (int begin = 0; begin < 5; begin += 2) {
      sgd.zero_grad();
      double loss = 0;
      for (int i = begin; i < std::min(begin + 2, 5); ++i) {
        const Variable part = x - x.detach() + 1.0;  // a loss of 1 with a gradient of 1
        backward(part);
        loss += part.item();
      }
      sgd.step();
      gradients.push_back(x.grad().item());
      losses.push_back(loss);
    }
  CHECK(gradients == std::vector<double>{2, 2, 1, 2, 2, 1});
  CHECK(losses == std::vector<double>{2, 2, 1, 2, 2, 1});
  CHECK(x.item() == -10);
}

// Learns y = 2x + 1 from a few points.
#include <heed.h>

#include <cmath>

/// True when the weight and the bias come out.
inline bool learns_a_line() {
  using namespace heed;
  Generator generator(1);
  nn::Linear line({.in = 1, .out = 1}, generator);
  nn::Adam adam(nn::parameters(line), {.learning_rate = 0.05});
  const Tensor x = tensor({-1, 0, 1, 2}, {4, 1}), y = tensor({-1, 1, 3, 5}, {4, 1});
  for (int step = 0; step < 500; ++step) {
    adam.zero_grad();
    const Variable difference = line.forward(x) - y;
    backward(sum(difference * difference));
    adam.step();
  }
  return std::abs(line.weight.value().item() - 2) < 0.01 && std::abs(line.bias.value().item() - 1) < 0.01;
}

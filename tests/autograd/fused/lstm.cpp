// What an LSTM and an RNN over whole sequences leave out. Values and gradients: tests/op_cases_recurrent.cpp.
#include "heed/autograd/fused/lstm.h"

#include "autograd/fused/check_constants.h"
#include "heed/autograd/fused/rnn.h"
#include "support/catch.h"

using namespace heed;

TEST_CASE("an LSTM computes no gradient of a constant, and the others as ever", "[autograd][lstm]") {
  test::Numbers numbers(53);
  const std::vector<Tensor> inputs{numbers.uniform({4, 2, 12}), numbers.uniform({4, 3}), numbers.uniform({4, 3}),
                                   numbers.uniform({12, 3})};
  for (std::size_t output : {0u, 1u, 2u}) {
    const SequenceOrder order{{2, 0, 1, 2}, output == 1};
    test::check_constants(inputs, [&](const auto& v) { return lstm(v[0], v[1], v[2], v[3], order)[output]; });
  }
}

TEST_CASE("an RNN computes no gradient of a constant, and the others as ever", "[autograd][rnn]") {
  test::Numbers numbers(54);
  const std::vector<Tensor> inputs{numbers.uniform({4, 2, 3}), numbers.uniform({4, 3}), numbers.uniform({3, 3})};
  for (RnnActivation f : {RnnActivation::tanh, RnnActivation::relu})
    for (std::size_t output : {0u, 1u})
      test::check_constants(inputs, [&](const auto& v) { return rnn(v[0], v[1], v[2], f)[output]; });
}

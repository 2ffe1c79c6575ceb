// TokenStream: rows that go on, labels one token later, nothing read twice.
#include "heed/nn/data/token_stream.h"

#include <limits>

#include "heed/autograd/fused/cross_entropy.h"
#include "heed/tensor/create.h"
#include "heed/tensor/error.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/movement.h"
#include "nn/data/counted_tokens.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;
using test::counted_tokens;

TEST_CASE("a stream's rows go on from batch to batch, and begin anew after the last", "[nn][data]") {
  for (std::int64_t size : {9, 10, 11, 24}) {
    const std::int64_t batch = 2, steps = 3, length = (size - 1) / batch;
    nn::TokenStream stream(counted_tokens(size), batch, steps);
    CHECK(stream.batches() == (length + steps - 1) / steps);
    for (int pass = 0; pass < 2; ++pass) {
      std::vector<std::vector<double>> read(2), wanted(2);
      for (std::int64_t i = 0; i < stream.batches(); ++i) {
        const auto part = stream.next();
        CHECK(part.first == (i == 0));
        const test::Array inputs = test::to_array(part.inputs), labels = test::to_array(part.labels);
        REQUIRE(inputs.shape == labels.shape);
        for (const test::Index& at : test::indices(inputs.shape)) {
          CHECK(labels[at] == inputs[at] + 1);
          read[static_cast<std::size_t>(at[0])].push_back(inputs[at]);
        }
      }
      for (std::int64_t b = 0; b < batch; ++b)
        for (std::int64_t t = 0; t < length; ++t)
          wanted[static_cast<std::size_t>(b)].push_back(static_cast<double>(b * length + t));
      CHECK(read == wanted);
    }
  }
}

TEST_CASE("a label is the next token of its own row, once shifted (T9)", "[nn][data]") {
  // A text that counts, in two rows of three, and logits that are sure of the next number: the loss is 0, of six terms.
  nn::TokenStream stream(counted_tokens(7), 2, 3);
  const auto batch = stream.next();
  Tensor logits = zeros({2, 3, 7});
  for (std::int64_t b = 0; b < 2; ++b)
    for (std::int64_t t = 0; t < 3; ++t) {
      Tensor sure = select(select(select(logits, 0, b), 0, t), 0,
                           select(select(batch.inputs, 0, b), 0, t).item<std::int64_t>() + 1);
      fill(sure, 100);
    }
  CHECK(batch.labels.numel() == 6);
  CHECK(cross_entropy(logits, batch.labels).item() == 0);
}

TEST_CASE("a stream refuses what it cannot cut", "[nn][data]") {
  CHECK_THROWS_AS(nn::TokenStream(counted_tokens(10), 0, 3), ShapeError);
  CHECK_THROWS_AS(nn::TokenStream(counted_tokens(10), 2, 0), ShapeError);
  CHECK_THROWS_AS(nn::TokenStream(counted_tokens(9), 5, 3), ShapeError);
  CHECK_THROWS_AS(nn::TokenStream({}, 1, 1), ShapeError);
  CHECK(nn::TokenStream(counted_tokens(10), 5, 3).batches() == 1);
  CHECK(nn::TokenStream(counted_tokens(3), 1, std::numeric_limits<std::int64_t>::max()).batches() == 1);
}

TEST_CASE("a saved stream goes on with the batch that would have come next", "[nn][data]") {
  nn::TokenStream unbroken(counted_tokens(24), 2, 3);  // 4 batches of 3, 3, 3 and 2 tokens
  for (int before = 0; before < 9; ++before) {
    nn::TokenStream resumed(counted_tokens(24), 2, 3);
    resumed.next();
    resumed.load_state_dict(unbroken.state_dict());
    nn::TokenStream copy = unbroken;
    for (int i = 0; i < 6; ++i) {
      const auto a = resumed.next(), b = copy.next();
      CHECK(test::same_bits(a.inputs, b.inputs));
      CHECK(test::same_bits(a.labels, b.labels));
      CHECK(a.first == b.first);
    }
    unbroken.next();
  }
}

TEST_CASE("a stream refuses a position no run has saved, and stays where it was", "[nn][data]") {
  nn::TokenStream stream(counted_tokens(24), 2, 3);
  stream.next();
  const auto refusal = [&](const std::string& name, std::int64_t value) {
    nn::StateDict state = stream.state_dict();
    state[name] = full({}, value, DType::i64);
    return test::refused<FormatError>([&] { stream.load_state_dict(state); });
  };
  CHECK(refusal("position", 12) == "TokenStream: load_state_dict: position is 12, outside [0, 10]");
  CHECK(refusal("position", -3) == "TokenStream: load_state_dict: position is -3, outside [0, 10]");
  CHECK(refusal("position", 4) == "TokenStream: load_state_dict: position is 4, no multiple of 3 steps");
  CHECK(refusal("tokens", 25).starts_with("TokenStream: load_state_dict: tokens was 25, is 24 now"));
  CHECK(refusal("batch", 3).starts_with("TokenStream: load_state_dict: batch was 3, is 2 now"));
  CHECK(refusal("steps", 2).starts_with("TokenStream: load_state_dict: steps was 2, is 3 now"));
  CHECK(refusal("other", 2) == "TokenStream: load_state_dict: missing [], unexpected [other]");
  CHECK(stream.state_dict().at("position").item() == 3);
}

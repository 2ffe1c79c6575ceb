// TokenStream: rows that go on, labels one token later, nothing read twice.
#include "heed/nn/data/token_stream.h"

#include <limits>
#include <numeric>

#include "heed/tensor/error.h"
#include "support/array.h"
#include "support/catch.h"

using namespace heed;

namespace {

std::vector<std::int64_t> counted(std::int64_t n) {
  std::vector<std::int64_t> tokens(static_cast<std::size_t>(n));
  std::iota(tokens.begin(), tokens.end(), 0);
  return tokens;
}

}  // namespace

TEST_CASE("a stream's rows go on from batch to batch, and begin anew after the last", "[nn][data]") {
  for (std::int64_t size : {9, 10, 11, 24}) {
    const std::int64_t batch = 2, steps = 3, length = (size - 1) / batch;
    nn::TokenStream stream(counted(size), batch, steps);
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

TEST_CASE("a stream refuses what it cannot cut", "[nn][data]") {
  CHECK_THROWS_AS(nn::TokenStream(counted(10), 0, 3), ShapeError);
  CHECK_THROWS_AS(nn::TokenStream(counted(10), 2, 0), ShapeError);
  CHECK_THROWS_AS(nn::TokenStream(counted(9), 5, 3), ShapeError);
  CHECK_THROWS_AS(nn::TokenStream({}, 1, 1), ShapeError);
  CHECK(nn::TokenStream(counted(10), 5, 3).batches() == 1);
  CHECK(nn::TokenStream(counted(3), 1, std::numeric_limits<std::int64_t>::max()).batches() == 1);
}

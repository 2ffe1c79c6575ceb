#include "heed/nn/train/loss_mean.h"

#include <cmath>
#include <limits>

#include "heed/tensor/error.h"
#include "support/catch.h"
#include "support/refused.h"

using namespace heed;
using namespace heed::nn;

TEST_CASE("loss mean: perplexity of tokens, not of batches", "[nn][train]") {  // trap M1
  LossMean loss;
  loss.add_sum(100, 100);
  loss.add_sum(30, 10);
  CHECK(loss.mean() == 130.0 / 110);
  CHECK(loss.perplexity() == Approx(3.26030).margin(5e-6));
  CHECK(loss.tokens() == 110);
  LossMean of_means;
  of_means.add_mean(1, 100);
  of_means.add_mean(3, 10);
  CHECK(of_means.perplexity() == loss.perplexity());
}

TEST_CASE("loss mean: the same for batches of 1, 8 and 16", "[nn][train]") {  // trap M1
  const auto perplexity = [](int batch) {
    LossMean loss;
    for (int begin = 0; begin < 48; begin += batch) {
      double sum = 0, tokens = 0;  // of sentences with 1 to 7 tokens, whose losses differ
      for (int i = begin; i < begin + batch; ++i) {
        const int length = 1 + i % 7;
        sum += length * (0.25 + i % 5);
        tokens += length;
      }
      loss.add_mean(sum / tokens, tokens);
    }
    return loss.perplexity();
  };
  CHECK(perplexity(8) == Approx(perplexity(1)).epsilon(1e-13));
  CHECK(perplexity(16) == Approx(perplexity(1)).epsilon(1e-13));
}

TEST_CASE("loss mean: no tokens, a batch of padding, a loss that is no number", "[nn][train]") {
  LossMean loss;
  CHECK(std::isnan(loss.mean()));
  loss.add_mean(std::numeric_limits<double>::quiet_NaN(), 0);  // 0/0 of a batch without tokens
  loss.add_sum(2, 1);
  CHECK(loss.mean() == 2);
  CHECK(test::refused<Error>([&] { loss.add_sum(1, -1); }) ==
        "LossMean: -1 tokens, expected a finite number that is not negative");
  CHECK_THROWS_AS(loss.add_sum(1, std::numeric_limits<double>::quiet_NaN()), Error);
  CHECK(loss.mean() == 2);
  loss.add_mean(std::numeric_limits<double>::quiet_NaN(), 3);
  CHECK(std::isnan(loss.perplexity()));
}

// N-02: linear attention keeps a sum of fixed size, however many pairs it has read: what softmax recalls of 32 pairs it
// does not.
#include <fmt/format.h>

#include "examples/attention_grid/cell.h"
#include "examples/claims/all_claims.h"

namespace heed::examples {
namespace {

constexpr std::int64_t width = 16;

double right(const std::string& score, const std::string& align, std::int64_t pairs, const ClaimSettings& settings) {
  Generator weights = settings.generator(1);
  const auto reader =
      recall_reader({.pairs = pairs, .keys = 64, .values = 64}, width, attention_named(score, align), weights);
  return trained_accuracy(train_reader(*reader, {.steps = settings.quick ? 1000 : 1500}, settings.generator(2)));
}

ClaimResult run(const ClaimSettings& settings) {
  const double softmax = right("dot", "softmax", 32, settings), linear_32 = right("elu dot", "sum", 32, settings),
               linear_8 = right("elu dot", "sum", 8, settings);
  return {{at_least("recall of 32 pairs at width 16, values right: softmax", softmax, 0.95),
           at_most("the same: linear attention", linear_32, 0.80),
           at_least("linear attention, 8 pairs less 32 pairs", linear_8 - linear_32, 0.1)},
          {fmt::format("linear attention recalls {:.3f} of 8 pairs and {:.3f} of 32", linear_8, linear_32)}};
}

}  // namespace

Claim linear_capacity() {
  return {"N-02", "A state of fixed size does not hold what a growing list does", "Katharopoulos et al. 2020", run};
}

}  // namespace heed::examples

// Softmax, log-softmax and cross-entropy equal PyTorch's.
#include "heed/autograd/fused/softmax.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/index.h"
#include "parity/golden.h"
#include "support/catch.h"

using namespace heed;
using heed::test::Golden;

namespace {

void both_softmaxes(Golden& golden) {
  const Variable x = golden.input("x");
  if (!golden.has("in/mask")) return golden.compare({{"softmax", softmax(x)}, {"log_softmax", log_softmax(x)}});
  const Tensor mask = golden.tensor("in/mask");
  const Variable finite = where(mask, log_softmax(x, mask), Variable(scalar_like(x.value(), 0)));
  golden.compare({{"softmax", softmax(x, mask)}, {"log_softmax", finite}});
}

// PyTorch's ignore_index and class weights are heed's weights, one for each row.
void loss(Golden& golden) {
  const Tensor targets = golden.tensor("in/targets");
  Tensor counts = ones(targets.shape(), DType::boolean);
  if (golden.has("set/ignore")) counts = logical_not(equal(targets, full({}, golden.number("ignore"), DType::i64)));
  Tensor weights = to(counts, golden.dtype());
  if (golden.has("set/weight")) weights = weights * index_select(golden.tensor("set/weight"), 0, targets);
  const bool plain = !golden.has("set/ignore") && !golden.has("set/weight");
  golden.compare({{"loss", cross_entropy(golden.input("logits"), targets, plain ? Tensor() : weights)}});
}

}  // namespace

TEST_CASE("softmax and losses equal PyTorch's", "[parity]") {
  for (Golden& golden : test::goldens("softmax"))
    golden.kind() == "cross_entropy" ? loss(golden) : both_softmaxes(golden);
}

#include "examples/attend/gold.h"

#include "heed/tensor/ops/index.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"

namespace heed::examples {

double weight_on(const Tensor& weights, const Tensor& gold) {
  return mean(gather(weights, 1, unsqueeze(gold, 1))).item();
}

}  // namespace heed::examples

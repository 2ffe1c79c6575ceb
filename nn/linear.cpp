#include "heed/nn/linear.h"

#include "heed/nn/init.h"
#include "heed/nn/require_sizes.h"

namespace heed::nn {

Linear::Linear(const Config& config, Generator& generator) {
  require_sizes("linear", {{"in", config.in}, {"out", config.out}});
  weight = Parameter(fan_in_uniform(generator, {config.out, config.in}, config.in, config.dtype));
  if (config.bias) bias = Parameter(fan_in_uniform(generator, {config.out}, config.in, config.dtype));
}

}  // namespace heed::nn

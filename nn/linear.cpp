#include "heed/nn/linear.h"

#include "heed/nn/init.h"

namespace heed::nn {

Linear::Linear(const Config& config, Generator& generator)
    : weight(fan_in_uniform(generator, {config.out, config.in}, config.in, config.dtype)) {
  if (config.bias) bias = Parameter(fan_in_uniform(generator, {config.out}, config.in, config.dtype));
}

}  // namespace heed::nn

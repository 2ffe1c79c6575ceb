#include "heed/nn/linear.h"

#include "heed/nn/init.h"
#include "heed/nn/internal/check_sizes.h"

namespace heed::nn {
namespace {

const Linear::Config& checked(const Linear::Config& c) {
  check_sizes("linear", {{"in", c.in}, {"out", c.out}});
  return c;
}

}  // namespace

Linear::Linear(const Config& c, Generator& generator)
    : weight(fan_in_uniform(generator, {checked(c).out, c.in}, c.in, c.dtype)),
      bias(c.bias ? Parameter(fan_in_uniform(generator, {c.out}, c.in, c.dtype)) : Parameter()) {}

}  // namespace heed::nn

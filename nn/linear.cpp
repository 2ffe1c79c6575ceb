#include "heed/nn/linear.h"

#include "heed/nn/internal/check_sizes.h"

namespace heed::nn {
namespace {

const Linear::Config& checked(const Linear::Config& c) {
  check_sizes("linear", {{"in", c.in}, {"out", c.out}});
  return c;
}

}  // namespace

Linear::Linear(const Config& c, const ParameterSource& source)
    : weight(source.make({{checked(c).out, c.in}, ParameterKind::weight, c.dtype}, c.in)),
      bias(c.bias ? source.make({{c.out}, ParameterKind::bias, c.dtype}, c.in) : Parameter()) {}

}  // namespace heed::nn

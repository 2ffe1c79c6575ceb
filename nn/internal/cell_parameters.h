// The parameters that all recurrent cells have, in PyTorch's layouts. Not part of the public interface.
#pragma once

#include "heed/nn/internal/check_sizes.h"
#include "heed/nn/parameter_source.h"

namespace heed::nn {

/// weight_ih [gates·H, I]. ShapeError unless both sizes of the cell are positive; the first to be asked for.
template <class Config>
Parameter input_weight(const char* cell, std::int64_t gates, const Config& c, const ParameterSource& source) {
  check_sizes(cell, {{"input", c.input}, {"hidden", c.hidden}});
  return source.make({{gates * c.hidden, c.input}, ParameterKind::weight, c.dtype}, c.hidden);
}

/// weight_hh [gates·H, H].
template <class Config>
Parameter recurrent_weight(std::int64_t gates, const Config& c, const ParameterSource& source) {
  return source.make({{gates * c.hidden, c.hidden}, ParameterKind::recurrent, c.dtype}, c.hidden);
}

/// bias_ih or bias_hh [gates·H]; undefined without biases.
template <class Config>
Parameter cell_bias(std::int64_t gates, const Config& c, const ParameterSource& source) {
  return c.bias ? source.make({{gates * c.hidden}, ParameterKind::bias, c.dtype}, c.hidden) : Parameter();
}

}  // namespace heed::nn

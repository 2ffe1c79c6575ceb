#include "heed/nn/rnn/cell_parameters.h"

#include "heed/nn/internal/check_sizes.h"

namespace heed::nn {
namespace {

Parameter weight(const char* cell, std::int64_t gates, const CellParameters::Sizes& s, const ParameterSource& source) {
  check_sizes(cell, {{"input", s.input}, {"hidden", s.hidden}});
  return source.make({{gates * s.hidden, s.input}, ParameterKind::weight, s.dtype}, s.hidden);
}

Parameter bias(std::int64_t gates, const CellParameters::Sizes& s, const ParameterSource& source) {
  return s.bias ? source.make({{gates * s.hidden}, ParameterKind::bias, s.dtype}, s.hidden) : Parameter();
}

}  // namespace

CellParameters::CellParameters(const char* cell, std::int64_t gates, const Sizes& s, const ParameterSource& source)
    : weight_ih(weight(cell, gates, s, source)),  // the first, for it checks the sizes
      weight_hh(source.make({{gates * s.hidden, s.hidden}, ParameterKind::recurrent, s.dtype}, s.hidden)),
      bias_ih(bias(gates, s, source)),
      bias_hh(bias(gates, s, source)) {}

}  // namespace heed::nn

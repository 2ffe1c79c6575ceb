#include "heed/nn/internal/check_sizes.h"

#include <fmt/format.h>

#include "heed/tensor/error.h"

namespace heed::nn {

void check_sizes(std::string_view module, std::initializer_list<NamedSize> sizes) {
  for (const NamedSize& one : sizes)
    if (one.size < 1) throw ShapeError(fmt::format("{}: {} is {}, expected at least 1", module, one.name, one.size));
}

}  // namespace heed::nn

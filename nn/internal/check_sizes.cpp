#include "heed/nn/internal/check_sizes.h"

#include <fmt/format.h>

#include "heed/tensor/error.h"

namespace heed::nn {

void check_sizes(std::string_view module, std::initializer_list<NamedSize> sizes) {
  constexpr std::int64_t largest = std::int64_t{1} << 56;  // 3 times a size, say, must not overflow
  for (const NamedSize& given : sizes) {
    if (given.size < 1)
      throw ShapeError(fmt::format("{}: {} is {}, expected at least 1", module, given.name, given.size));
    if (given.size > largest)
      throw ShapeError(fmt::format("{}: {} is {}, expected at most {}", module, given.name, given.size, largest));
  }
}

}  // namespace heed::nn

// The sizes a layer is built with. Not part of the public interface.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace heed::nn {

struct NamedSize {
  std::string_view name;
  std::int64_t size;
};

/// ShapeError that names the module and the size unless all are at least 1 and at most 2^56: small multiples of a
/// size do not overflow.
void check_sizes(std::string_view module, std::initializer_list<NamedSize> sizes);

}  // namespace heed::nn

// A kernel on every row of its operands, on all threads. Not part of the public interface.
#pragma once

#include <tuple>
#include <type_traits>
#include <utility>

#include "heed/tensor/internal/parallel.h"
#include "heed/tensor/tensor.h"

namespace heed {

struct RowLoop {
  std::int64_t rows, length;  ///< of each row, as the kernel is told it
  std::int64_t work = 4096;   ///< so many numbers of `length` are worth a thread's while
};

/// Calls kernel(where row i of each operand begins…, length) for every row i. Operands are row-major Tensors of T, each
/// divided evenly into loop.rows rows; those that are not const are written.
template <class T, class Kernel, class... Operands>
void each_row(const RowLoop& loop, Kernel kernel, Operands&... operands) {
  const auto first = [](auto& x) {
    if constexpr (std::is_const_v<std::remove_reference_t<decltype(x)>>)
      return x.template data<T>();
    else
      return x.template mutable_data<T>();
  };
  if (loop.rows == 0) return;
  const std::tuple begins(std::pair(first(operands), operands.numel() / loop.rows)...);
  parallel_chunks(loop.rows, 1 + loop.work / (loop.length + 1), [&](std::int64_t row, std::int64_t end) {
    for (; row < end; ++row)
      std::apply([&](const auto&... x) { kernel(x.first + row * x.second..., to_size(loop.length)); }, begins);
  });
}

}  // namespace heed

// One pass over a parameter, its gradient and what is remembered of it. Not part of the public interface.
#pragma once

#include <array>
#include <cstddef>
#include <utility>

#include "heed/tensor/internal/parallel.h"
#include "heed/tensor/kernels/optim.h"
#include "heed/tensor/tensor.h"

namespace heed::nn {

/// Calls step(kernels, gradient, memory..., x, n) for chunks of contiguous numbers on all threads, where `kernels` is
/// the kernels::OptimKernels of x's dtype. The first `count` tensors of `memory` are passed, null where undefined.
template <std::size_t count, std::size_t size, class Step>
void optimizer_pass(Tensor x, const Tensor& gradient, std::array<Tensor, size>& memory, const Step& step) {
  dispatch_float("optimizer", x.dtype(), [&]<class T> {
    [&]<std::size_t... i>(std::index_sequence<i...>) {
      const auto& kernels = kernels::optim().of<T>();
      const T* g = gradient.data<T>();
      T* to = x.mutable_data<T>();
      const std::array<T*, count> remembered{(memory[i].defined() ? memory[i].template mutable_data<T>() : nullptr)...};
      parallel_chunks(x.numel(), 16384, [&](std::int64_t begin, std::int64_t end) {
        step(kernels, g + begin, (remembered[i] == nullptr ? nullptr : remembered[i] + begin)..., to + begin,
             static_cast<std::size_t>(end - begin));
      });
    }(std::make_index_sequence<count>());
  });
}

}  // namespace heed::nn

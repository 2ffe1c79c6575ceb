// Training and evaluation: what a module does differently in the two, dropout that is, is switched for all of its parts
// at once. Gradients have nothing to do with it: NoGrad (autograd/no_grad.h) is what leaves out recording.
#pragma once

#include <concepts>

#include "heed/nn/module.h"

namespace heed::nn {

/// Sets the member `bool training` of `module` and of every module inside it that has one. PyTorch's train() and
/// eval().
template <class Module>
void set_training(Module& module, bool training) {
  detail::for_each_module(module, [training](auto& part) {
    if constexpr (requires {
                    { part.training } -> std::same_as<bool&>;
                  })
      part.training = training;
  });
}

}  // namespace heed::nn

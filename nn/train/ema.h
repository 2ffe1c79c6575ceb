// Ema: an exponential moving average of a module's weights, which often does better than the weights of the last step.
//
//   nn::Ema ema(net, {.decay = 0.999});
//   ...
//   adam.step();
//   ema.update(net);
//   ...
//   Net averaged = net;
//   ema.copy_to(averaged);
#pragma once

#include "heed/nn/module.h"

namespace heed::nn {

/// After update t (from 0) the average a of every parameter x is a + (1 - d)·(x - a), in one pass over memory, with
/// d = decay, or min(decay, (1+t)/(10+t)) while it warms up, so that the first weights are soon forgotten. It begins
/// with the module's values. Buffers are taken as they are. A tied weight is averaged once.
class Ema {
 public:
  struct Config {
    double decay = 0.999;  ///< in [0, 1]
    bool warm_up = true;
  };

  /// Error when the decay is out of its range.
  template <class Module>
  Ema(const Module& module, const Config& config) : config_(config) {
    begin(named_parameters(module), buffers_of(module));
  }

  Ema(const Ema&) = delete;  // a copy would average into the same tensors
  Ema(Ema&&) = default;
  Ema& operator=(const Ema&) = delete;
  Ema& operator=(Ema&&) = default;

  /// ShapeError that names the parameter or buffer unless the module has the same ones as the first; nothing has
  /// changed then.
  template <class Module>
  void update(const Module& module) {
    update(named_parameters(module), buffers_of(module));
  }

  /// The averages become the module's values; all or nothing, with the errors of load_state_dict.
  template <class Module>
  void copy_to(Module& module) const {
    nn::load_state_dict(module, values());
  }

  /// The averages and buffers under the module's names: the tensors are this object's own.
  StateDict values() const;

  std::int64_t updates() const { return updates_; }

  /// values() as "module.<name>", and "n_averaged", a 0-d i64: PyTorch's names.
  StateDict state_dict() const;

  /// Takes what state_dict() gave for the same module; updates then go on with the same bits. FormatError that names
  /// what is missing, unexpected, of another shape, or no count of 0 to 2^53; nothing has changed then.
  void load_state_dict(const StateDict& state);

 private:
  template <class Module>
  static StateDict buffers_of(const Module& module) {
    StateDict result;
    for_each_buffer(module, [&](const auto& name, const Buffer& buffer) { add_state(result, name, buffer); });
    return result;
  }

  void begin(const NamedParameters& parameters, const StateDict& buffers);
  void update(const NamedParameters& parameters, const StateDict& buffers);

  Config config_;
  StateDict averages_, buffers_;
  std::int64_t updates_ = 0;
};

}  // namespace heed::nn

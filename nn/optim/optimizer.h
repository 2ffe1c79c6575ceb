// Optimizer: what all optimizers share. One of them states its settings, what it remembers of a parameter, and how it
// changes one (nn/optim/groups.h; nn/optim/sgd.h is the shortest example); checks, zero_grad(), steps and checkpoints
// follow.
//
//   nn::Adam adam(nn::named_parameters(net), {.learning_rate = 1e-3});
//   write_safetensors("optimizer.safetensors", {adam.state_dict(), {}});             // beside the model's state_dict
//   adam.load_state_dict(read_safetensors("optimizer.safetensors").tensors);
//
// To load several things all or nothing, load each into a second one, which changes nothing that is in use, and when
// all have been loaded move them in place: `nn::Adam next(nn::named_parameters(net), adam.config());
// next.load_state_dict(…);` … `adam = std::move(next);`. A module's is a copy, `Net next = net;` … `net = next;`.
//
// A batch that is too large for the memory is read in parts whose gradients add up: one zero_grad(), then backward() of
// each part, then one step(). A mean loss needs care, since a mean of means weighs a short part too much. Divide each
// part's sum by the whole batch's count instead: with cross_entropy, which divides by the sum of its weights, multiply
// each part's loss by (sum of the part's weights) / (sum of the whole batch's). And call zero_grad() before the first
// part of a batch, not after the last of a full one: what an epoch leaves over would leak into the next.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "heed/nn/named_parameters.h"
#include "heed/nn/state_dict.h"

namespace heed::nn {

class Optimizer {
 public:
  Optimizer(const Optimizer&) = delete;  // a copy would step the same parameters
  Optimizer(Optimizer&&) = default;
  Optimizer& operator=(const Optimizer&) = delete;
  Optimizer& operator=(Optimizer&&) = default;
  virtual ~Optimizer() = default;

  /// One update of every parameter that has a gradient; the others, and what is remembered of them, stay. Error when a
  /// setting of any group is out of its range, MemoryError; both before anything changes.
  void step();

  /// Clears the gradients of all parameters.
  void zero_grad();

  /// Of all groups, in their order.
  const std::vector<Variable>& parameters() const { return parameters_; }

  /// What is remembered. Every parameter has "state.<name>.step", a 0-d i64 count of its steps; one that has been
  /// stepped also has tensors under PyTorch's names, such as "state.<name>.exp_avg". Parameters without a name are
  /// called by their position in parameters(): "state.0.step". What settings that have been changed since a parameter's
  /// last step no longer ask for is left out, and what they now ask for is a tensor [0]: it begins with the next step.
  /// Settings are not among it. The tensors are the optimizer's own: write them to a file, or clone() them, before the
  /// next step.
  StateDict state_dict() const;

  /// Takes what state_dict() gave to an optimizer of the same kind, with the same settings, for parameters of the same
  /// names, in any order: training then goes on with the same bits. Converts between f32 and f64. FormatError that
  /// names what is missing, unexpected, of another shape, or no count of 0 to 2^53; nothing has changed then.
  void load_state_dict(const StateDict& state);

 protected:
  /// A tensor that is remembered of each parameter.
  struct Memory {
    std::string_view name = {};
    bool kept = true;  ///< under the settings of the group
    double start = 0;  ///< what all its elements are at first
  };
  static constexpr std::size_t memory_limit = 3;
  using Memories = std::array<Memory, memory_limit>;  ///< those without a name are not there
  using Tensors = std::array<Tensor, memory_limit>;   ///< undefined where a memory is not kept

  /// One parameter's step.
  struct Update {
    std::int64_t step;       ///< of this parameter, 1 at first
    bool starts;             ///< a tensor of `memory` begins in this step
    Tensor x;                ///< contiguous
    const Tensor& gradient;  ///< contiguous, of x's shape and dtype; no element of it is written before it is read
    Tensors& memory;
  };

  /// Refuses settings in messages such as "adam: beta1 is 1, expected 0 <= beta1 < 1"; they name the group when there
  /// are several. What must be finite, or above 0, must be so in `dtype` too, in which the step computes.
  class SettingCheck {
   public:
    SettingCheck(std::string_view optimizer, std::size_t group, std::size_t groups, DType dtype)
        : optimizer_(optimizer), group_(group), groups_(groups), dtype_(dtype) {}
    void holds(std::string_view setting, double value, bool holds, std::string_view expected) const;
    void not_negative(std::string_view setting, double value) const;
    void positive(std::string_view setting, double value) const;
    void fraction(std::string_view setting, double value) const;  ///< 0 <= value < 1

   private:
    [[noreturn]] void refuse(std::string_view setting, double value, std::string_view expected) const;

    std::string_view optimizer_;
    std::size_t group_, groups_;
    DType dtype_;
  };

  /// Messages begin with `name`. GradError unless all parameters are leaves, each there once; ShapeError unless they
  /// are contiguous; Error when there are none, or two have one name.
  Optimizer(std::string_view name, const std::vector<const NamedParameters*>& groups);

  /// IndexError unless there is such a group.
  void check_group(std::size_t group, std::size_t groups) const;

  /// f32 when one of the group's parameters is, else f64.
  DType narrowest(std::size_t group) const;

  virtual void check_settings() const = 0;
  virtual Memories memories(std::size_t group) const = 0;
  virtual void update(std::size_t group, const Update& one) = 0;

 private:
  // A parameter and what is remembered of it.
  struct Slot {
    std::string name;
    std::size_t group;
    std::int64_t steps = 0;
    Tensors memory = {};
  };
  // A step that has all its memory.
  struct Ready {
    std::size_t parameter;
    Tensor gradient;
    Tensors memory;
    bool starts = false;
  };

  void prepare();
  std::vector<Slot> loaded(const StateDict& state) const;

  std::string name_;
  std::vector<Variable> parameters_;
  std::vector<Slot> slots_;   // of parameters_[i]
  std::vector<Ready> ready_;  // of a step that is under way
};

}  // namespace heed::nn

#include "heed/autograd/backward.h"

#include <fmt/format.h>

#include "heed/autograd/internal/leaf_gradients.h"
#include "heed/autograd/internal/plan.h"
#include "heed/autograd/no_grad.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"

namespace heed {
namespace {

// One traversal of a graph: a plan, gradients being added up, and a loop over the nodes that wait for no consumer.
template <class V>
class Traversal final : private GradientSums {
 public:
  /// Without targets the gradients of all leaves are collected.
  Traversal(const Edge& from, V dy, std::vector<Edge> targets, BackwardOptions options)
      : targets_(std::move(targets)),
        releases_(std::is_same_v<V, Tensor> && !options.retain_graph),
        plan_(*from.node.get(), targets_, options.stop_at_inputs || targets_.size() == 1),
        captured_(targets_.size()) {
    accumulate(0, from.slot, std::move(dy));
  }
  ~Traversal() {
    for (std::uint32_t i = 0; i < plan_.size(); ++i)
      if (plan_[i].is_entered) plan_.node(i).leave(releases_);
  }
  Traversal(const Traversal&) = delete;
  Traversal& operator=(const Traversal&) = delete;

  void run() {
    for (std::uint32_t i = 0; i < plan_.size(); ++i) enter(i);
    make_ready(0);
    while (!ready_.empty()) {
      const std::uint32_t number = ready_.back();
      ready_.pop_back();
      if (plan_[number].gradients != Plan::none) run_node(number);
      for (const std::uint32_t to : plan_.inputs(number))
        if (to != Plan::none && --plan_[to].waiting == 0) make_ready(to);
    }
  }

  std::vector<V>& captured() { return captured_; }  ///< the gradients of the targets, in their order
  std::vector<LeafGradient>& leaf_gradients() { return leaf_gradients_; }  ///< where there are no targets

 private:
  // Leaves are not entered: nothing of theirs is run or released, so all traversals may share them.
  void enter(std::uint32_t number) {
    Node& node = plan_.node(number);
    if (plan_[number].is_frontier || node.inputs().empty()) return;
    if (!node.enter(releases_))
      throw GradError(
          fmt::format("backward: another traversal is running through this graph (at {}); traversals that share a "
                      "graph must all retain it",
                      node.name()));
    plan_[number].is_entered = true;
  }

  // A leaf runs nothing, and does not wait for others: its gradient is complete now.
  void make_ready(std::uint32_t number) {
    if (!plan_.node(number).leaf())
      ready_.push_back(number);
    else if (plan_[number].gradients != Plan::none)
      run_node(number);
  }

  // The gradients of the node's outputs are complete: those of its inputs follow.
  void run_node(std::uint32_t number) {
    Plan::Step& step = plan_[number];
    Node& node = plan_.node(number);
    std::vector<V>& gradients = pool_[step.gradients];
    if (step.is_target) plan_.for_each_target(node, [&](std::size_t i) { captured_[i] = gradients[targets_[i].slot]; });
    if (step.is_frontier) return recycle(step);
    if (Leaf* leaf = node.leaf()) {
      if constexpr (std::is_same_v<V, Tensor>)
        leaf_gradients_.push_back(finished_gradient(*leaf, std::move(gradients[0])));
      return recycle(step);
    }
    Grads<V> of_inputs = run_rule(number, gradients);
    if (releases_) node.release_saved();
    if (std::exchange(step.is_entered, false)) node.leave(releases_);
    recycle(step);
    pass_on(number, of_inputs);
  }

  Grads<V> run_rule(std::uint32_t number, std::span<const V> dy) {
    Node& node = plan_.node(number);
    running_ = number;
    if constexpr (std::is_same_v<V, Tensor>)
      return node.run(dy, this);
    else
      return node.run(dy);
  }

  Tensor* so_far(std::size_t input) override {
    const std::uint32_t to = plan_.inputs(running_)[input];
    if (to == Plan::none || !plan_[to].is_wanted() || plan_[to].gradients == Plan::none) return nullptr;
    V& sum = pool_[plan_[to].gradients][plan_.node(running_).inputs()[input].slot];
    if constexpr (std::is_same_v<V, Tensor>)
      if (sum.defined()) {
        if (!may_grow(sum)) sum = sum.clone();  // who else holds it decides no bit
        return &sum;
      }
    return nullptr;
  }
  static bool may_grow(const Tensor& sum) { return sum.defined() && sum.storage().unique() && sum.is_contiguous(); }

  void recycle(Plan::Step& step) {
    pool_[step.gradients].clear();
    free_.push_back(step.gradients);
  }

  void pass_on(std::uint32_t number, Grads<V>& gradients) {
    const Node& node = plan_.node(number);
    const std::span<const std::uint32_t> inputs = plan_.inputs(number);
    if (gradients.size() != inputs.size())
      throw GradError(
          fmt::format("{}: its rule gave {} gradients for {} inputs", node.name(), gradients.size(), inputs.size()));
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (inputs[i] == Plan::none || !gradients[i].defined()) continue;
      const Edge& input = node.inputs()[i];
      const Node::Output& value = input.node->output(input.slot);
      if (!(gradients[i].shape() == value.shape) || gradients[i].dtype() != value.dtype)
        throw GradError(fmt::format("{}: its rule gave input {} a gradient {} {}, the value is {} {}", node.name(), i,
                                    name(gradients[i].dtype()), gradients[i].shape().str(), name(value.dtype),
                                    value.shape.str()));
      if (plan_[inputs[i]].is_wanted()) accumulate(inputs[i], input.slot, std::move(gradients[i]));
    }
  }

  // Adds a contribution to the gradient of an output. The first is shared; a sum that nobody else holds grows in place.
  void accumulate(std::uint32_t number, std::uint32_t slot, V contribution) {
    Plan::Step& step = plan_[number];
    if (step.gradients == Plan::none) {
      if (free_.empty()) {
        free_.push_back(static_cast<std::uint32_t>(pool_.size()));
        pool_.emplace_back();
      }
      step.gradients = free_.back();
      free_.pop_back();
      pool_[step.gradients].resize(plan_.node(number).output_count());
    }
    V& sum = pool_[step.gradients][slot];
    if (!sum.defined()) {
      sum = std::move(contribution);
      return;
    }
    if constexpr (std::is_same_v<V, Tensor>)
      if (may_grow(sum)) return add_scaled(sum, contribution);
    sum = sum + contribution;
  }

  std::vector<Edge> targets_;
  bool releases_;  // the saved tensors of every node that has run
  Plan plan_;
  std::uint32_t running_ = 0;         // the node whose rule runs
  std::vector<std::uint32_t> ready_;  // nodes that wait for no consumer
  std::vector<V> captured_;
  std::vector<LeafGradient> leaf_gradients_;
  std::vector<std::vector<V>> pool_;  // the gradients of the outputs of nodes that have not run yet
  std::vector<std::uint32_t> free_;   // entries of pool_ that no node uses
};

// dL/dy as given, or 1.
template <class V>
V seed(const char* operation, const Variable& y, const V& dy) {
  if (!y.requires_grad())
    throw GradError(fmt::format("{}: the result depends on nothing that requires a gradient", operation));
  if (!dy.defined()) {
    if (y.numel() != 1)
      throw GradError(
          fmt::format("{}: the result has shape {}; give dy, or reduce it to one element", operation, y.shape().str()));
    return V(ones(y.shape(), y.dtype()));
  }
  check_same_dtype(operation, y.dtype(), dy.dtype());
  if (!(y.shape() == dy.shape()))
    throw ShapeError(fmt::format("{}: y has shape {}, dy {}", operation, y.shape().str(), dy.shape().str()));
  return dy;
}

template <class V>
std::vector<V> gradients_at(const Variable& y, const std::vector<Variable>& inputs, const V& dy,
                            BackwardOptions options) {
  std::vector<Edge> targets;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i].requires_grad()) throw GradError(fmt::format("gradients: input {} requires no gradient", i));
    targets.push_back({inputs[i].node(), inputs[i].slot()});
  }
  V first = seed("gradients", y, dy);
  if (inputs.empty()) return {};
  Traversal<V> traversal({y.node(), y.slot()}, std::move(first), std::move(targets), options);
  traversal.run();
  std::vector<V> result = std::move(traversal.captured());
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (!result[i].defined()) result[i] = V(zeros(inputs[i].shape(), inputs[i].dtype()));
  return result;
}

}  // namespace

void backward(const Variable& y, const Tensor& dy, BackwardOptions options) {
  Tensor first = seed("backward", y, dy);
  Traversal<Tensor> traversal({y.node(), y.slot()}, std::move(first), {}, options);
  traversal.run();
  add_to_leaves(traversal.leaf_gradients());
}

std::vector<Tensor> gradients(const Variable& y, const std::vector<Variable>& inputs, const Tensor& dy,
                              BackwardOptions options) {
  return gradients_at<Tensor>(y, inputs, dy, options);
}

std::vector<Variable> recorded_gradients(const Variable& y, const std::vector<Variable>& inputs, const Variable& dy,
                                         BackwardOptions options) {
  if (!grad_enabled()) throw GradError("recorded_gradients: called while a NoGrad lives");
  return gradients_at<Variable>(y, inputs, dy, options);
}

}  // namespace heed

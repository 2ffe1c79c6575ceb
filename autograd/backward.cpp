#include "heed/autograd/backward.h"

#include <fmt/format.h>

#include "heed/autograd/elementwise.h"
#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"

namespace heed {
namespace {

constexpr std::uint32_t none = ~std::uint32_t{0};

// One walk. Nodes are numbered in the order they are found; a node's mark is its number plus one while the walk lasts.
template <class V>
class Walk {
 public:
  Walk(std::vector<Edge> targets, BackwardOptions options)
      : targets_(std::move(targets)), options_(options), captured_(targets_.size()) {}

  ~Walk() {
    for (const Visit& visit : visits_) visit.node->mark.store(0, std::memory_order_release);
  }

  void run(const Edge& from, V dy) {
    discover(*from.node.get());
    add(0, from.slot, std::move(dy));
    std::vector<std::uint32_t> ready{0};
    while (!ready.empty()) {
      const std::uint32_t number = ready.back();
      ready.pop_back();
      Grads<V> results = pass(number);
      if (visits_[number].is_end) continue;
      Node& node = *visits_[number].node;
      for (std::size_t i = 0; i < node.inputs().size(); ++i) {
        const Edge& input = node.inputs()[i];
        if (!input.node) continue;
        const std::uint32_t to = input.node->mark.load(std::memory_order_relaxed) - 1;
        if (!results.empty() && results[i].defined()) {
          check(node, i, results[i]);
          add(to, input.slot, std::move(results[i]));
        }
        if (--visits_[to].waiting == 0) ready.push_back(to);
      }
    }
  }

  const std::vector<V>& captured() const { return captured_; }

  struct LeafGradient {
    Leaf* leaf;
    V gradient;
  };
  std::vector<LeafGradient>& leaves() { return leaves_; }

 private:
  struct Visit {
    Node* node;
    std::uint32_t waiting = 0;  // consumers that have not contributed yet
    std::uint32_t sums = none;  // where in pool_ the gradients of its outputs are added up
    bool is_target = false;
    bool is_end = false;
  };

  void discover(Node& root) {
    enter(root);
    for (std::size_t i = 0; i < visits_.size(); ++i) {
      if (visits_[i].is_end) continue;
      for (const Edge& input : visits_[i].node->inputs())
        if (input.node) ++visits_[enter(*input.node.get())].waiting;
    }
  }

  std::uint32_t enter(Node& node) {
    if (visits_.size() == visits_.capacity()) visits_.reserve(2 * visits_.size() + 8);  // throws before the mark is set
    const auto number = static_cast<std::uint32_t>(visits_.size());
    std::uint32_t seen = 0;
    // Acquires what the walk before this one has released: gradients of leaves, saved tensors gone.
    if (node.mark.compare_exchange_strong(seen, number + 1, std::memory_order_acquire, std::memory_order_relaxed)) {
      Visit& visit = visits_.emplace_back(Visit{&node});
      for (const Edge& target : targets_) visit.is_target |= target.node.get() == &node;
      visit.is_end = visit.is_target && options_.stop_at_inputs;
      return number;
    }
    if (seen > number || visits_[seen - 1].node != &node)
      throw GradError(fmt::format("backward: another walk is passing through this graph (at {})", node.name()));
    return seen - 1;
  }

  // Adds a gradient to what has arrived for an output. The first is shared; a sum that nobody else holds grows in
  // place.
  void add(std::uint32_t number, std::uint32_t slot, V gradient) {
    Visit& visit = visits_[number];
    if (visit.sums == none) {
      if (free_.empty()) {
        free_.push_back(static_cast<std::uint32_t>(pool_.size()));
        pool_.emplace_back();
      }
      visit.sums = free_.back();
      free_.pop_back();
      pool_[visit.sums].assign(visit.node->output_count(), V());
    }
    V& sum = pool_[visit.sums][slot];
    if (!sum.defined()) {
      sum = std::move(gradient);
      return;
    }
    if constexpr (std::is_same_v<V, Tensor>)
      if (sum.storage().unique() && sum.is_contiguous()) return add_scaled(sum, gradient);
    sum = sum + gradient;
  }

  // Runs one node whose output gradients are complete.
  Grads<V> pass(std::uint32_t number) {
    Visit& visit = visits_[number];
    Node& node = *visit.node;
    if (visit.sums == none) return {};
    std::vector<V>& sums = pool_[visit.sums];
    if (visit.is_target)
      for (std::size_t i = 0; i < targets_.size(); ++i)
        if (targets_[i].node.get() == &node) captured_[i] = sums[targets_[i].slot];
    Grads<V> results;
    if (Leaf* leaf = node.leaf()) {
      leaves_.push_back({leaf, std::move(sums[0])});
    } else if (!visit.is_end) {
      results = node.run(std::span<const V>(sums));
      if (results.size() != node.inputs().size())
        throw GradError(fmt::format("{}: its rule gave {} gradients for {} inputs", node.name(), results.size(),
                                    node.inputs().size()));
      if (std::is_same_v<V, Tensor> && !options_.retain_graph) node.release_saved();
    }
    for (V& sum : sums) sum = V();
    free_.push_back(visit.sums);
    return results;
  }

  static void check(const Node& node, std::size_t i, const V& gradient) {
    const Edge& input = node.inputs()[i];
    const Node::Output& wanted = input.node->output(input.slot);
    if (!(gradient.shape() == wanted.shape) || gradient.dtype() != wanted.dtype)
      throw GradError(fmt::format("{}: its rule gave input {} a gradient {} {}, the input is {} {}", node.name(), i,
                                  name(gradient.dtype()), gradient.shape().str(), name(wanted.dtype),
                                  wanted.shape.str()));
  }

  std::vector<Edge> targets_;
  BackwardOptions options_;
  std::vector<Visit> visits_;
  std::vector<std::vector<V>> pool_;
  std::vector<std::uint32_t> free_;
  std::vector<V> captured_;
  std::vector<LeafGradient> leaves_;
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
  require_same_dtype(operation, y.dtype(), dy.dtype());
  if (!(y.shape() == dy.shape()))
    throw ShapeError(fmt::format("{}: y has shape {}, dy {}", operation, y.shape().str(), dy.shape().str()));
  return dy;
}

struct Identity final : Rule<Identity> {  // y = x
  static constexpr std::string_view op = "identity";
  template <class V>
  Grads<V> vjp(const V& dy) {
    return {dy};
  }
};

}  // namespace

Variable identity(const Variable& x) { return record<Identity>(x.value(), {x}); }

void backward(const Variable& y, const Tensor& dy, BackwardOptions options) {
  Tensor first = seed("backward", y, dy);
  Walk<Tensor> walk({}, options);
  walk.run({y.node(), y.slot()}, std::move(first));
  // A leaf owns its gradient: what others can see is copied first, so that the commit below cannot fail half-way.
  for (auto& [leaf, gradient] : walk.leaves()) {
    if (leaf->grad.defined()) {
      gradient = leaf->grad + gradient;
    } else if (!gradient.storage().unique() || !gradient.is_contiguous()) {
      gradient = gradient.clone();
    }
  }
  for (auto& [leaf, gradient] : walk.leaves()) leaf->grad = std::move(gradient);
}

template <class V>
std::vector<V> gradients(const Variable& y, const std::vector<Variable>& inputs, const V& dy, BackwardOptions options) {
  if (std::is_same_v<V, Variable> && !grad_enabled())
    throw GradError("gradients: recorded gradients were asked for while a NoGrad lives");
  std::vector<Edge> targets;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i].requires_grad()) throw GradError(fmt::format("gradients: input {} requires no gradient", i));
    targets.push_back({inputs[i].node(), inputs[i].slot()});
  }
  V first = seed("gradients", y, dy);
  Walk<V> walk(std::move(targets), options);
  walk.run({y.node(), y.slot()}, std::move(first));
  std::vector<V> result = walk.captured();
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (!result[i].defined()) result[i] = V(zeros(inputs[i].shape(), inputs[i].dtype()));
  return result;
}
template std::vector<Tensor> gradients(const Variable&, const std::vector<Variable>&, const Tensor&, BackwardOptions);
template std::vector<Variable> gradients(const Variable&, const std::vector<Variable>&, const Variable&,
                                         BackwardOptions);

}  // namespace heed

#include "heed/autograd/backward.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "heed/autograd/internal/node_numbers.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"

namespace heed {
namespace {

constexpr std::uint32_t none = NodeNumbers::none;

// One walk.
template <class V>
class Walk {
 public:
  Walk(std::vector<Edge> targets, BackwardOptions options)
      : targets_(std::move(targets)),
        stops_(options.stop_at_inputs || targets_.size() == 1),
        releases_(std::is_same_v<V, Tensor> && !options.retain_graph),
        captured_(targets_.size()) {}

  ~Walk() {
    for (std::uint32_t i = 0; i < visits_.size(); ++i)
      if (visits_[i].is_entered) numbers_.node(i).leave(releases_);
  }
  Walk(const Walk&) = delete;
  Walk& operator=(const Walk&) = delete;

  void run(const Edge& from, V dy) {
    discover(*from.node.get(), targets_.empty());
    if (!targets_.empty()) {
      end_where_no_target_is_behind();
      for (std::uint32_t i = 0; i < visits_.size(); ++i) enter(i);
    }
    add(0, from.slot, std::move(dy));
    std::vector<std::uint32_t> ready{0};
    while (!ready.empty()) {
      const std::uint32_t number = ready.back();
      ready.pop_back();
      Grads<V> results = pass(number);
      if (visits_[number].is_end) continue;
      Node& node = numbers_.node(number);
      for (std::size_t i = 0; i < node.inputs().size(); ++i) {
        const std::uint32_t to = edges_[visits_[number].edges + i];
        if (to == none) continue;
        if (!results.empty() && results[i].defined()) {
          check(node, i, results[i]);
          if (visits_[to].is_wanted()) add(to, node.inputs()[i].slot, std::move(results[i]));
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
  const std::vector<LeafGradient>& leaves() const { return leaves_; }

 private:
  struct Visit {
    std::size_t edges = 0;      // where in edges_ its inputs begin
    std::uint32_t waiting = 0;  // consumers that have not contributed yet
    std::uint32_t sums = none;  // where in pool_ the gradients of its outputs are added up
    bool is_target = false;
    bool is_end = false;  // its rule does not run
    bool is_entered = false;
    bool is_wanted() const { return is_target || !is_end; }
  };

  // Numbers every node that can be reached, and counts the consumers of each.
  void discover(Node& root, bool enters) {
    visits_.reserve(16);  // small graphs are many
    edges_.reserve(32);
    find(root);
    for (std::uint32_t i = 0; i < visits_.size(); ++i) {
      visits_[i].edges = edges_.size();
      if (visits_[i].is_end) continue;
      for (const Edge& input : numbers_.node(i).inputs()) {
        const std::uint32_t to = input.node ? find(*input.node.get()) : none;
        edges_.push_back(to);
        if (to != none) ++visits_[to].waiting;
      }
      if (enters) enter(i);
    }
  }

  std::uint32_t find(Node& node) {
    const std::uint32_t number = numbers_.number(node);
    if (number < visits_.size()) return number;
    Visit& visit = visits_.emplace_back();
    for (const Edge& target : targets_) visit.is_target |= target.node.get() == &node;
    visit.is_end = visit.is_target && stops_;
    return number;
  }

  // A gradient that nobody asked for is not computed, and what it would need is not used up: a rule that asks for the
  // gradient of a layer at its input leaves the graph behind that input to the walk it runs in.
  void end_where_no_target_is_behind() {
    std::vector<std::uint32_t> waiting, order{0};  // consumers first
    for (const Visit& visit : visits_) waiting.push_back(visit.waiting);
    for (std::size_t i = 0; i < order.size(); ++i)
      for (const std::uint32_t to : edges_of(order[i]))
        if (to != none && --waiting[to] == 0) order.push_back(to);
    for (auto number = order.rbegin(); number != order.rend(); ++number) {
      const auto wanted = [&](std::uint32_t to) { return to != none && visits_[to].is_wanted(); };
      visits_[*number].is_end = visits_[*number].is_end || std::ranges::none_of(edges_of(*number), wanted);
    }
  }

  std::span<const std::uint32_t> edges_of(std::uint32_t number) const {
    const Visit& visit = visits_[number];
    if (visit.is_end) return {};
    return std::span(edges_).subspan(visit.edges, numbers_.node(number).inputs().size());
  }

  // Leaves are not entered: nothing of theirs is run or released, so all walks may share them.
  void enter(std::uint32_t number) {
    Node& node = numbers_.node(number);
    if (visits_[number].is_end || node.inputs().empty()) return;
    if (!node.enter(releases_))
      throw GradError(
          fmt::format("backward: another walk is running through this graph (at {}); walks that share a "
                      "graph must all retain it",
                      node.name()));
    visits_[number].is_entered = true;
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
      pool_[visit.sums].assign(numbers_.node(number).output_count(), V());
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
    Node& node = numbers_.node(number);
    if (visit.sums == none) return {};
    std::vector<V>& sums = pool_[visit.sums];
    if (visit.is_target)
      for (std::size_t i = 0; i < targets_.size(); ++i)
        if (targets_[i].node.get() == &node) captured_[i] = sums[targets_[i].slot];
    Grads<V> results;
    if (Leaf* leaf = node.leaf()) {
      if (!visit.is_end) leaves_.push_back({leaf, std::move(sums[0])});
    } else if (!visit.is_end) {
      results = node.run(std::span<const V>(sums));
      if (results.size() != node.inputs().size())
        throw GradError(fmt::format("{}: its rule gave {} gradients for {} inputs", node.name(), results.size(),
                                    node.inputs().size()));
      if (releases_) node.release_saved();
      if (std::exchange(visit.is_entered, false)) node.leave(releases_);
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
  bool stops_;     // at the targets: none lies behind another
  bool releases_;  // the saved tensors of every node that has run
  NodeNumbers numbers_;
  std::vector<Visit> visits_;         // by number
  std::vector<std::uint32_t> edges_;  // numbers of the inputs of every node that is no end; none for a constant
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
  check_same_dtype(operation, y.dtype(), dy.dtype());
  if (!(y.shape() == dy.shape()))
    throw ShapeError(fmt::format("{}: y has shape {}, dy {}", operation, y.shape().str(), dy.shape().str()));
  return dy;
}

// Threads that share a leaf must not lose an update, but no loop may run under the lock: the threads the loop waits for
// may themselves wait for the lock, in a walk of theirs. So the sums are made without it, and made again where another
// walk has been quicker. A leaf owns its gradient: what others can see is copied. A failure changes none.
void add_to_leaves(const std::vector<Walk<Tensor>::LeafGradient>& leaves) {
  static std::mutex adding;
  std::vector<Tensor> seen(leaves.size()), sums(leaves.size());
  std::vector<std::size_t> stale;
  stale.reserve(leaves.size());
  for (;;) {
    stale.clear();
    {
      const std::lock_guard lock(adding);
      for (std::size_t i = 0; i < leaves.size(); ++i) {
        const Tensor& now = leaves[i].leaf->grad;  // `seen` keeps its storage: a new one has another address
        if (sums[i].defined() && seen[i].storage().get() == now.storage().get()) continue;
        stale.push_back(i);
        seen[i] = now;
      }
      if (stale.empty()) {
        for (std::size_t i = 0; i < leaves.size(); ++i) leaves[i].leaf->grad = std::move(sums[i]);
        return;
      }
    }
    for (const std::size_t i : stale) {
      const Tensor& gradient = leaves[i].gradient;
      if (seen[i].defined())
        sums[i] = seen[i] + gradient;
      else
        sums[i] = gradient.storage().unique() && gradient.is_contiguous() ? gradient : gradient.clone();
    }
  }
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
  add_to_leaves(walk.leaves());
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
  if (inputs.empty()) return {};
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

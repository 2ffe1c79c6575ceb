#include "heed/autograd/node.h"

#include "heed/autograd/record.h"

namespace heed {

// A deep graph must not be deleted by nested destructors: each node hands its inputs to a list before it goes.
void NodeRef::drop(Node* node) noexcept {
  const auto last = [](Node* n) { return n->handles_.fetch_sub(1, std::memory_order_acq_rel) == 1; };
  if (!last(node)) return;
  for (Node* doomed = node; doomed;) {
    for (Edge& edge : doomed->inputs_) {
      Node* input = std::exchange(edge.node.node_, nullptr);
      if (!input || !last(input)) continue;
      input->doomed_ = std::exchange(doomed->doomed_, input);
    }
    Node* next = doomed->doomed_;
    delete doomed;
    doomed = next;
  }
}

void Node::release_saved() {
  for (Saved* saved = saved_; saved; saved = saved->next_) saved->release();
}

void Node::set_output(std::uint32_t slot, const Tensor& y) {
  if (slot == 0)
    output_ = {y.shape(), y.dtype()};
  else
    more_outputs_.push_back({y.shape(), y.dtype()});
}

}  // namespace heed

#include "heed/autograd/node.h"

#include "heed/autograd/record.h"

namespace heed {

// A deep graph must not be deleted by nested destructors: each node hands its inputs to a list before it goes.
void Node::destroy(Node* node) noexcept {
  while (node) {
    for (Edge& edge : node->inputs_)
      if (Node* input = edge.node.drop()) input->doomed_ = std::exchange(node->doomed_, input);
    Node* next = node->doomed_;
    delete node;
    node = next;
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

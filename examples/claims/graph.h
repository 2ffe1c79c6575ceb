// What a recorded graph says of a computation: what waits for what, and how much is multiplied. Counted, so that it is
// the same on every machine.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "heed/autograd/variable.h"

namespace heed::examples {

/// A shortest way through the graph from y back to x: the nodes on it, y's first and x's last; none where y does not
/// depend on x. Results of one operation are not told apart.
std::vector<const Node*> shortest_path(const Variable& y, const Variable& x);

/// How many of the nodes are operations of this name.
std::int64_t count_operations(const std::vector<const Node*>& nodes, std::string_view operation);

/// The most operations of this name that wait for each other: on any way back from y.
std::int64_t longest_chain(const Variable& y, std::string_view operation);

/// Multiplications and additions in the matrix products behind y, 2·rows·inner·columns of each `matmul` and `linear`.
/// Other operations have none: of a fused one take the definition. Error for a product of two constants.
double product_flops(const Variable& y);

/// Bytes of tensors that are kept for the backward pass of what `make` computes, its result included.
double graph_bytes(const std::function<Variable()>& make);

}  // namespace heed::examples

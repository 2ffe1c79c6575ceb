#include "heed/nn/attention/multi_hop.h"

#include <fmt/format.h>

#include "heed/autograd/ops/elementwise.h"
#include "heed/nn/internal/check_sizes.h"

namespace heed::nn {
namespace {

Linear::Config mapping(const LinearUpdate::Config& c) {
  check_sizes("multi-hop update", {{"query", c.query}});
  return {.in = c.query, .out = c.query, .bias = false, .dtype = c.dtype};
}

}  // namespace

Variable SumUpdate::forward(const Variable& query, const Variable& context) {
  check_shapes("multi-hop update", {{"query", query.value(), "B T Q"}, {"context", context.value(), "B T Q"}});
  return query + context;
}

LinearUpdate::LinearUpdate(const Config& c, const ParameterSource& source) : linear(mapping(c), source) {}

Variable LinearUpdate::forward(const Variable& query, const Variable& context) const {
  return SumUpdate::forward(linear.forward(query), context);
}

namespace detail {

std::int64_t checked_hops(std::int64_t hops) {
  check_sizes("multi-hop attention", {{"hops", hops}});
  return hops;
}

void check_memories(std::size_t given, std::size_t wanted) {
  if (given != wanted) throw Error(fmt::format("multi-hop attention: {} memories for {} attentions", given, wanted));
}

}  // namespace detail
}  // namespace heed::nn

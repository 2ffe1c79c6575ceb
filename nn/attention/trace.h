// What attention keeps for recorders (recorder.h) on the way from its scores to its output, and how the gradient of
// its weights is seen without a change to the graph's numbers.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "heed/autograd/variable.h"

namespace heed::nn::detail {

struct RecorderAccess;

/// What the recorders of this thread ask for together.
struct RecorderWishes {
  bool any = false, scores = false, contexts = false, gradients = false;
};
RecorderWishes recorder_wishes();

/// False unless a recorder lives on this thread: all that attention does about recorders then.
bool recording_attention();

/// A gradient as backward passes bring it, from any thread.
class WeightGradient {
 public:
  void add(const Tensor& gradient);
  Tensor sum() const;  ///< undefined before the first

 private:
  mutable std::mutex mutex_;
  Tensor sum_;
};

/// Of one call of an attention: parts in the order of their queries.
struct AttentionTrace {
  struct Part {
    Shape shape = {};                                    // of its weights, [B, T, S], [B, T, S, D] or [B, H, T, S]
    int keys_axis = 2;                                   // S
    std::int64_t first_key = 0;                          // the key that its first column is for
    Tensor mask = {};                                    // broadcasts to the shape; undefined = everything
    Tensor scores = {};                                  // of this shape, where they are asked for
    std::shared_ptr<WeightGradient> gradient = nullptr;  // where it is asked for
  };
  std::vector<Part> parts;
};

/// weights, with what recorders ask for about them: scores and mask as attend() has them. Where gradients are asked
/// for, what reads the result tells the trace.
std::shared_ptr<AttentionTrace> trace_weights(Variable& weights, const Variable& scores, const Tensor& mask);

/// x as it is; backward adds its gradient to `gradient`, which may be null.
Variable watch_weights(const Variable& x, const std::shared_ptr<WeightGradient>& gradient);

/// context [B, H, T, D] of weights that are in no graph, as it is; backward adds dcontext·valuesᵀ, the weights'
/// gradient, to `gradient`, which may be null: values [B, G, S, D].
Variable watch_context(const Variable& context, const Variable& values,
                       const std::shared_ptr<WeightGradient>& gradient);

/// The traces of consecutive queries as one; null where there are none.
std::shared_ptr<AttentionTrace> join_traces(const std::vector<std::shared_ptr<AttentionTrace>>& traces);

/// x [.., S', ..] among `fill`: [.., keys, ..], with first_key in front.
Tensor among_keys(const Tensor& x, int axis, std::int64_t first_key, std::int64_t keys, double fill);

}  // namespace heed::nn::detail

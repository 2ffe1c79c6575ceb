#include "heed/nn/attention/rotatory.h"

#include "heed/nn/internal/check_sizes.h"

namespace heed::nn {

Variable RotatoryOutput::context() const { return concat({left, target_left, target_right, right}, 1); }

namespace detail {

std::int64_t checked_rounds(std::int64_t rounds) {
  check_sizes("rotatory attention", {{"rounds", rounds}});
  return rounds;
}

void check_rotatory(const RotatoryInput& in) {
  check_shapes("rotatory attention", {{"left", in.left.value(), "B L D"},
                                      {"target", in.target.value(), "B S E"},
                                      {"right", in.right.value(), "B R D"},
                                      {"left_mask", in.left_mask, "B 1 L", true},
                                      {"target_mask", in.target_mask, "B 1 S", true},
                                      {"right_mask", in.right_mask, "B 1 R", true}});
  for (const Variable* side : {&in.left, &in.right})
    check_same_dtype("rotatory attention", in.target.dtype(), side->dtype());
}

}  // namespace detail
}  // namespace heed::nn

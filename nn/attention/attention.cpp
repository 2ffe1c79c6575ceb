#include "heed/nn/attention/attention.h"

#include "heed/autograd/ops/index.h"

namespace heed::nn {

AttentionMemory reorder_memory(const AttentionMemory& memory, const Tensor& rows) {
  return {index_select(memory.keys, 0, rows), index_select(memory.values, 0, rows),
          memory.mask.defined() ? index_select(memory.mask, 0, rows) : memory.mask};
}

}  // namespace heed::nn

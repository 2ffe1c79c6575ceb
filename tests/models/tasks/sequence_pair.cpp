#include "heed/models/tasks/sequence_pair.h"

#include "heed/tensor/create.h"
#include "support/array.h"
#include "support/catch.h"

using namespace heed;
using models::batch_pairs, models::PairBatch, models::SequencePair;

TEST_CASE("pairs side by side, zeros behind each", "[tasks]") {
  const std::vector<SequencePair> pairs{{{1, 2, 3}, {4}}, {{5}, {6, 7}}, {{}, {}}};
  const PairBatch batch = batch_pairs(pairs);
  CHECK(test::same_bits(batch.source.ids, tensor({1, 2, 3, 5, 0, 0, 0, 0, 0}, {3, 3}, DType::i64)));
  CHECK(test::same_bits(batch.target, tensor({4, 0, 6, 7, 0, 0}, {3, 2}, DType::i64)));
  CHECK(batch.source.lengths == std::vector<std::int64_t>{3, 1, 0});
  CHECK(batch.target_lengths == std::vector<std::int64_t>{1, 2, 0});
  CHECK(batch_pairs({}).source.ids.shape() == Shape{0, 0});
}

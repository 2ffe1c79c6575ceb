// M-23: a cache of keys and values gives what reading all of it again gives, at a cost that a token shares with no
// token before it.
#include <fmt/format.h>

#include "examples/claims/all_claims.h"
#include "examples/claims/extremes.h"
#include "examples/claims/timing.h"
#include "heed/autograd/record.h"
#include "heed/models/gpt.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"

namespace heed::examples {
namespace {

models::Gpt make(std::int64_t context, const ClaimSettings& settings) {
  Generator weights = settings.generator(1);
  return {{.vocabulary = 50, .context = context, .embedding = 64, .heads = 4, .layers = 2, .dropout = 0}, weights};
}

Tensor draw_ids(std::int64_t length, const ClaimSettings& settings) {
  Generator generator = settings.generator(2);
  std::vector<std::int64_t> ids;
  for (std::int64_t t = 0; t < length; ++t) ids.push_back(generator.uniform_int(50));
  return tensor(ids, {1, length});
}

// The largest difference between logits of `steps` tokens read one by one, and read again and again.
double largest_difference(std::int64_t steps, const ClaimSettings& settings) {
  const models::Gpt lm = make(steps, settings);
  const Tensor ids = draw_ids(steps, settings);
  models::Gpt::Cache cache = lm.make_cache(1);
  double largest = 0;
  for (std::int64_t t = 0; t < steps; ++t) {
    const Tensor cached = lm.forward({.ids = slice(ids, 1, t, t + 1)}, cache).logits.value(),
                 again = lm.forward({.ids = slice(ids, 1, 0, t + 1), .only_last = true}).logits.value();
    largest = larger(largest, max(abs(cached - again)).item());
  }
  return largest;
}

double cache_bytes(std::int64_t context, const ClaimSettings& settings) {
  double bytes = 0;
  for (const nn::KeyValueCache& layer : make(context, settings).make_cache(1))
    bytes += static_cast<double>(layer.bytes());
  return bytes;
}

struct Times {
  double cached, again;  // milliseconds of a token
};

// On one thread: the median of several times ten tokens from the cache, each taken out again, and of a whole text read.
Times token_times(std::int64_t t, const ClaimSettings& settings) {
  const ThreadCount one_thread(1);
  const models::Gpt lm = make(t + 1, settings);
  const Tensor ids = draw_ids(t + 1, settings), last = slice(ids, 1, t, t + 1);
  models::Gpt::Cache cache = lm.make_cache(1);
  lm.forward({.ids = slice(ids, 1, 0, t)}, cache);
  const auto read_from_cache = [&] {
    for (int k = 0; k < 10; ++k) {
      lm.forward({.ids = last}, cache);
      for (nn::KeyValueCache& layer : cache) layer.truncate(t);
    }
  };
  const auto times = time_passes({read_from_cache, [&] { lm.forward({.ids = ids, .only_last = true}); }},
                                 settings.quick ? 3 : 15, processor_seconds);
  return {1e3 * times[0].median / 10, 1e3 * times[1].median};
}

ClaimResult run(const ClaimSettings& settings) {
  const NoGrad no_gradients;
  const std::int64_t steps = settings.quick ? 60 : 200;
  ClaimResult result;
  result.criteria = {
      at_most(fmt::format("{} tokens one by one and all again: the largest difference of a logit", steps),
              largest_difference(steps, settings), 1e-5),
      exactly("bytes of a cache: 2 layers, 4 heads of 16, 128 tokens", cache_bytes(128, settings), 131'072)};
  nn::Series cached{"with the cache", {}}, again{"all again", {}};
  for (const std::int64_t t : {64, 128, 256, 512}) {
    const Times times = token_times(t, settings);
    cached.points.push_back({static_cast<double>(t), times.cached});
    again.points.push_back({static_cast<double>(t), times.again});
  }
  Criterion ratio =
      at_least("token 512, all again over with the cache", again.points.back().y / cached.points.back().y, 5);
  ratio.is_time = true;
  result.criteria.push_back(ratio);
  result.chart = nn::LineChart{.title = "Processor time of a token",
                               .x_title = "tokens before it",
                               .y_title = "milliseconds",
                               .series = {cached, again}};
  return result;
}

}  // namespace

Claim key_value_cache() {
  return {"M-23", "A cache of keys and values saves what reading again costs", "practice of GPT's decoders", run};
}

}  // namespace heed::examples

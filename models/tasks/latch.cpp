#include "heed/models/tasks/latch.h"

#include <fmt/format.h>

#include "heed/tensor/create.h"
#include "heed/tensor/error.h"
#include "heed/tensor/ops/movement.h"

namespace heed::models {
namespace {

void check(const LatchConfig& c, std::int64_t count) {
  if (c.classes < 1 || c.noise_tokens < 1 || c.noise_steps < 0 || count < 0)
    throw ShapeError(fmt::format(
        "latch: {} times {} classes, {} noise tokens, {} noise steps, expected positive numbers of classes and noise "
        "tokens and none negative",
        count, c.classes, c.noise_tokens, c.noise_steps));
}

void append(std::vector<std::int64_t>& tokens, const LatchConfig& c, Generator& generator) {
  tokens.push_back(generator.uniform_int(c.classes));
  for (std::int64_t i = 0; i < c.noise_steps; ++i) tokens.push_back(c.classes + generator.uniform_int(c.noise_tokens));
}

}  // namespace

LatchBatch make_latch(const LatchConfig& config, std::int64_t batch, Generator& generator) {
  check(config, batch);
  std::vector<std::int64_t> tokens;
  for (std::int64_t b = 0; b < batch; ++b) append(tokens, config, generator);
  const Tensor ids = tensor(tokens, {batch, 1 + config.noise_steps});
  return {ids, select(ids, 1, 0).clone()};
}

std::vector<std::int64_t> make_latch_text(const LatchConfig& config, std::int64_t count, Generator& generator) {
  check(config, count);
  std::vector<std::int64_t> tokens;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::size_t begin = tokens.size();
    append(tokens, config, generator);
    tokens.push_back(std::int64_t{tokens[begin]});
  }
  return tokens;
}

}  // namespace heed::models

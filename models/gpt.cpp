#include "heed/models/gpt.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "heed/autograd/no_grad.h"
#include "heed/autograd/ops/movement.h"
#include "heed/nn/internal/check_sizes.h"
#include "heed/nn/internal/keep_lengths.h"
#include "heed/nn/positions/sinusoidal.h"
#include "heed/tensor/check_shapes.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"

namespace heed::models {
namespace {

const GptConfig& checked(const GptConfig& c) {
  nn::check_sizes("gpt", {{"vocabulary", c.vocabulary},
                          {"context", c.context},
                          {"embedding", c.embedding},
                          {"heads", c.heads},
                          {"layers", c.layers}});
  if (c.positions == GptPositions::rotary && c.embedding / c.heads % 2 != 0)
    throw ShapeError(
        fmt::format("gpt: rotary positions turn pairs, and a head has {} / {} numbers", c.embedding, c.heads));
  return c;
}

Tensor small(const nn::ParameterSpec& p, Generator& generator) {
  if (p.kind == nn::ParameterKind::weight) return normal(generator, p.shape, 0, 0.02, p.dtype);
  return p.kind == nn::ParameterKind::bias ? zeros(p.shape, p.dtype) : Tensor();
}

nn::TransformerEncoder::Config stack_config(const GptConfig& c) {
  return {.layer = {.embed = c.embedding,
                    .heads = c.heads,
                    .kv_heads = c.kv_heads,
                    .feedforward = c.feedforward == 0 ? 4 * c.embedding : c.feedforward,
                    .dropout = c.dropout,
                    .activation = c.activation,
                    .norm_first = c.norm_first,
                    .dtype = c.dtype},
          .layers = c.layers,
          .final_norm = c.norm_first};
}

// What every layer adds is made smaller, so that the sum of all starts as large whatever their number.
void scale_down(nn::TransformerEncoder& stack) {
  const double factor = 1 / std::sqrt(2.0 * static_cast<double>(stack.layers.size()));
  for (nn::TransformerEncoderLayer& layer : stack.layers)
    for (nn::Parameter* p : {&layer.self_attn.out_proj.weight, &layer.feed_forward.linear2.weight})
      if (p->defined()) *p = nn::Parameter(p->value() * factor);
}

nn::ModuleList<nn::LearnedPositions> learned_positions(const GptConfig& c, const nn::ParameterSource& source) {
  nn::ModuleList<nn::LearnedPositions> result;
  if (c.positions == GptPositions::learned)
    result.emplace_back(nn::LearnedPositions::Config{c.context, c.embedding, c.dtype}, source);
  return result;
}

}  // namespace

Gpt::Gpt(const Config& c, const nn::ParameterSource& source) : Gpt(checked(c), Drawn{source.with(small)}) {}

Gpt::Gpt(const Config& c, const Drawn& drawn)
    : embedding_({.num_embeddings = c.vocabulary, .embedding_dim = c.embedding, .dtype = c.dtype}, drawn.source),
      learned_(learned_positions(c, drawn.source)),
      stack_(stack_config(c), drawn.source),
      dropout_({.p = c.dropout}),
      config_(c) {
  scale_down(stack_);
}

Gpt::Output Gpt::forward(const Inputs& in) const { return run(in, in.positions.value_or(nn::Positions()), nullptr); }

Gpt::Output Gpt::forward(const Inputs& in, Cache& cache) const {
  if (cache.empty()) throw ShapeError(fmt::format("gpt: an empty cache for {} layers", stack_.layers.size()));
  const nn::Positions next(cache.front().length());
  return nn::keep_lengths_on_error(std::span(cache), [&] { return run(in, in.positions.value_or(next), &cache); });
}

Gpt::Output Gpt::run(const Inputs& in, const nn::Positions& positions, Cache* cache) const {
  const Sizes size = check_shapes("gpt", {{"ids", in.ids, "B T"}});
  Variable x = embedding_.forward(in.ids);
  nn::RotaryAngles rotary;
  switch (config_.positions) {
    case GptPositions::learned:
      x = learned_[0].forward(x, positions);
      break;
    case GptPositions::sinusoidal:
      x = nn::SinusoidalPositions::forward(x, positions);
      break;
    case GptPositions::rotary:
      rotary = nn::rotary_angles(positions.of("gpt", size['B'], size['T']), config_.embedding / config_.heads, {},
                                 config_.dtype);
      break;
    case GptPositions::none:
      break;
  }
  const nn::TransformerEncoder::Inputs read{.x = dropout_.forward(x, in.generator),
                                            .mask = in.mask,
                                            .causal = true,
                                            .rotary = rotary,
                                            .generator = in.generator,
                                            .need_weights = in.need_weights};
  nn::TransformerEncoder::Output found = cache ? stack_.forward(read, *cache) : stack_.forward(read);
  const Variable y = in.only_last ? slice(found.y, 1, -1, to_end) : found.y;
  return {linear(y, embedding_.weight), std::move(found.layers)};
}

namespace {

// Prompts padded on the left, so that all of them end where the next token comes.
struct Padded {
  Tensor ids;        // [B, T]
  Tensor begins;     // [B, 1, 1], where each prompt begins
  Tensor positions;  // [B, T], from 0 at each prompt's first token
};

Padded padded_on_the_left(const std::vector<std::vector<std::int64_t>>& prompts) {
  std::size_t longest = 0;
  for (const auto& prompt : prompts) {
    if (prompt.empty()) throw ShapeError("gpt: a prompt is empty");
    longest = std::max(longest, prompt.size());
  }
  const auto batch = static_cast<std::int64_t>(prompts.size()), length = static_cast<std::int64_t>(longest);
  Tensor ids = zeros({batch, length}, DType::i64), begins = empty({batch, 1, 1}, DType::i64);
  std::int64_t *id = ids.mutable_data<std::int64_t>(), *begin = begins.mutable_data<std::int64_t>();
  for (std::size_t b = 0; b < prompts.size(); ++b) {
    const std::size_t padding = longest - prompts[b].size();
    std::copy(prompts[b].begin(), prompts[b].end(), id + b * longest + padding);
    begin[b] = static_cast<std::int64_t>(padding);
  }
  return {ids, begins, maximum(arange(length) - reshape(begins, {batch, 1}), 0)};
}

// Texts that are read token by token, side by side.
class Reader {
 public:
  explicit Reader(const Gpt& model, std::vector<std::vector<std::int64_t>> texts)
      : model_(model), texts_(std::move(texts)) {
    for (const auto& text : texts_) starts_.push_back(std::max(std::ssize(text) - context(), std::ptrdiff_t{0}));
    begin();
  }

  // One more token for each text. A text that has filled the context goes on from its last half; others do not notice.
  void read(const std::vector<std::int64_t>& tokens) {
    for (std::size_t b = 0; b < texts_.size(); ++b) {
      const bool full = std::ssize(texts_[b]) - starts_[b] == context();
      texts_[b].push_back(tokens[b]);
      if (full) starts_[b] = std::ssize(texts_[b]) - std::max<std::ptrdiff_t>(1, context() / 2);
    }
    const std::int64_t length = cache_.front().length(), batch = std::ssize(texts_);
    if (length == context()) return begin();  // the longest of them was full
    read(tensor(tokens, {batch, 1}), length - reshape(begins_, {batch, 1}));
  }

  Tensor logits(std::int64_t text) const { return select(logits_, 0, text); }  // of its next token

 private:
  std::ptrdiff_t context() const { return model_.config().context; }

  void begin() {
    for (std::size_t b = 0; b < texts_.size(); ++b)  // what is not read again is forgotten
      texts_[b].erase(texts_[b].begin(), texts_[b].begin() + std::exchange(starts_[b], 0));
    const Padded padded = padded_on_the_left(texts_);
    begins_ = padded.begins;
    cache_ = model_.make_cache(std::ssize(texts_));
    read(padded.ids, padded.positions);
  }

  void read(const Tensor& ids, const Tensor& positions) {
    const Tensor mask = less_equal(begins_, arange(cache_.front().length() + ids.size(1)));  // [B, 1, S]
    logits_ = select(
        model_.forward({.ids = ids, .mask = mask, .positions = positions, .only_last = true}, cache_).logits.value(), 1,
        0);
  }

  const Gpt& model_;
  std::vector<std::vector<std::int64_t>> texts_;
  std::vector<std::ptrdiff_t> starts_;  // of what is read of each text
  Gpt::Cache cache_;
  Tensor begins_, logits_;  // [B, 1, 1], [B, V]
};

}  // namespace

std::vector<std::vector<std::int64_t>> Gpt::generate(const std::vector<std::vector<std::int64_t>>& prompts,
                                                     const Generation& g, Generator& generator) const {
  if (g.tokens < 0) throw Error(fmt::format("gpt: {} tokens are to be generated", g.tokens));
  Generator unused(0);
  nn::sample(zeros({1}), g.sampling, unused);  // refuses settings before anything is read
  std::vector<std::vector<std::int64_t>> written(prompts.size());
  if (prompts.empty()) return written;
  const NoGrad no_gradients;
  Reader reader(*this, prompts);
  std::vector<std::int64_t> next(prompts.size());
  std::vector<bool> ended(prompts.size(), false);
  for (std::int64_t step = 0; step < g.tokens; ++step) {
    if (step > 0) reader.read(next);
    for (std::size_t b = 0; b < prompts.size(); ++b) {
      if (ended[b]) continue;  // what follows its end token is read and means nothing
      next[b] = nn::sample(reader.logits(static_cast<std::int64_t>(b)), g.sampling, generator);
      if (next[b] == g.end_token) {
        ended[b] = true;
        continue;
      }
      written[b].push_back(next[b]);
      if (g.on_token) g.on_token(b, next[b]);
    }
    if (std::ranges::all_of(ended, std::identity())) break;
  }
  return written;
}

}  // namespace heed::models

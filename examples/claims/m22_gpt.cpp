// M-22: a small GPT predicts a text's characters better than counting three of them.
#include <fmt/format.h>

#include <cmath>

#include "examples/claims/all_claims.h"
#include "examples/claims/training.h"
#include "examples/support/alphabet.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/autograd/record.h"
#include "heed/models/gpt.h"
#include "heed/models/ngram.h"
#include "heed/models/tasks/sums.h"
#include "heed/nn/data/token_stream.h"
#include "heed/nn/data/token_windows.h"

namespace heed::examples {
namespace {

constexpr std::int64_t context = 64;

struct Bits {
  double gpt, trigram;  // per character
};

// Sums in words, 50 kB, of which the last tenth is held out.
Bits learn_sums(const ClaimSettings& settings) {
  Generator sums = settings.generator(0), weights = settings.generator(1), examples = settings.generator(2);
  std::string text;
  while (text.size() < 50'000) text += models::make_sum(sums) + "\n";
  const Alphabet alphabet(text);
  const std::vector<std::int64_t> ids = alphabet.encode(text);
  const std::vector<std::int64_t> read(ids.begin(), ids.end() - 5000), held_out(ids.end() - 5000, ids.end());
  const models::Gpt lm(
      {.vocabulary = alphabet.size(), .context = context, .embedding = 64, .heads = 4, .layers = 2, .dropout = 0},
      weights);
  const nn::TokenWindows from(read, context);
  train(nn::parameters(lm), {.steps = settings.quick ? 250 : 1000, .learning_rate = 5e-3}, [&] {
    const nn::TokenWindows::Batch batch = from.draw(12, examples);
    return cross_entropy(lm.forward({.ids = batch.inputs}).logits, batch.labels);
  });
  const NoGrad no_gradients;
  nn::TokenStream all(held_out, 1, context);  // each character once, as those that are counted
  double nats = 0, characters = 0;
  for (std::int64_t i = 0; i < all.batches(); ++i) {
    const nn::TokenStream::Batch test = all.next();
    const auto count = static_cast<double>(test.labels.numel());
    nats += cross_entropy(lm.forward({.ids = test.inputs}).logits, test.labels).item() * count;
    characters += count;
  }
  models::Ngram trigram({.vocabulary = alphabet.size(), .order = 3, .smoothing = models::Smoothing::interpolated});
  trigram.fit(read);
  return {nats / characters / std::log(2.0), trigram.evaluate(held_out).per_token() / std::log(2.0)};
}

ClaimResult run(const ClaimSettings& settings) {
  const Bits bits = learn_sums(settings);
  ClaimResult result;
  result.criteria = {at_most("sums in words, bits per character: GPT over counting three", bits.gpt / bits.trigram,
                             settings.quick ? 0.9 : 0.75)};
  result.notes = {fmt::format("bits per character: GPT {:.3f}, 3-grams {:.3f}", bits.gpt, bits.trigram)};
  return result;
}

}  // namespace

Claim gpt() { return {"M-22", "A GPT predicts better than counting", "Radford et al. 2019", run}; }

}  // namespace heed::examples

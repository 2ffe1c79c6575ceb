// P-15: a language model writes by reading what it has written: each round adds one token to the input, until the end
// of the sequence is the likeliest token or the allowed number of rounds is over.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <sstream>

#include "examples/claims/all_claims.h"
#include "examples/claims/training.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/autograd/record.h"
#include "heed/models/recurrent_lm.h"
#include "heed/nn/data/batches.h"
#include "heed/tensor/create.h"
#include "heed/tensor/ops/elementwise.h"
#include "heed/tensor/ops/movement.h"
#include "heed/tensor/ops/reduce.h"

namespace heed::examples {
namespace {

using nn::Vocabulary;
using Ids = std::vector<std::int64_t>;

// The first two words tell the rest; the second alone does not, and how many words follow differs.
const std::vector<std::string> sentences{
    "You should wear shoes", "You can drink tea",     "You may come in",      "You must eat your bread",
    "You will sing",         "I should read books",   "I can see the sea",    "I may go home",
    "I must write letters",  "I will wear hats",      "We should go",         "We can wear coats at home",
    "We may drink milk",     "We must read the maps", "We will eat apples",   "They should sing well",
    "They can read",         "They may see the sun",  "They must wear boots", "They will write books"};

std::vector<std::string> words_of(const std::string& sentence) {
  std::istringstream in(sentence);
  return {std::istream_iterator<std::string>(in), {}};
}

Vocabulary vocabulary_of(const std::vector<std::string>& texts) {
  std::map<std::string, std::int64_t> counts;
  for (const std::string& text : texts)
    for (const std::string& word : words_of(text)) ++counts[word];
  return Vocabulary(counts);
}

// <bos> words <eos>
Ids sequence_of(const Vocabulary& vocabulary, const std::string& sentence) {
  Ids ids = vocabulary.encode(words_of(sentence));
  ids.insert(ids.begin(), Vocabulary::bos);
  ids.push_back(Vocabulary::eos);
  return ids;
}

models::LstmLm trained(const Vocabulary& vocabulary, const ClaimSettings& settings) {
  Generator weights = settings.generator(0);
  models::LstmLm lm({.vocabulary = vocabulary.size(), .embedding = 16, .hidden = 32}, weights);
  std::vector<Ids> sequences;
  for (const std::string& sentence : sentences) sequences.push_back(sequence_of(vocabulary, sentence));
  const Tensor ids = nn::pad_batch(sequences).ids;
  const Tensor inputs = slice(ids, 1, 0, -1), labels = slice(ids, 1, 1, to_end);  // one token later, <eos> too
  const Tensor weight = to(logical_not(equal(labels, Vocabulary::pad)), DType::f32);
  train(nn::parameters(lm), {.steps = 200, .learning_rate = 2e-2},
        [&] { return cross_entropy(lm.forward(inputs).logits, labels, weight); });
  return lm;
}

struct Round {
  Ids input;           // <bos>, the prompt and what was written before
  std::int64_t read;   // tokens that the network read: one row of logits each
  std::int64_t token;  // the likeliest next one
};

// Rounds until <eos> or `most` of them.
std::vector<Round> write(const models::LstmLm& lm, Ids input, std::size_t most) {
  const NoGrad no_gradients;
  std::vector<Round> rounds;
  while (rounds.size() < most) {
    const Tensor logits = lm.forward(tensor(input, {1, static_cast<std::int64_t>(input.size())})).logits.value();
    const auto token = argmax(select(select(logits, 0, 0), 0, -1), 0).item<std::int64_t>();
    rounds.push_back({input, logits.size(1), token});
    if (token == Vocabulary::eos) break;
    input.push_back(token);
  }
  return rounds;
}

ClaimResult run(const ClaimSettings& settings) {
  const Vocabulary vocabulary = vocabulary_of(sentences);
  const models::LstmLm lm = trained(vocabulary, settings);
  const auto prompt_of = [&](const std::string& sentence) {
    const Ids all = sequence_of(vocabulary, sentence);
    return Ids(all.begin(), all.begin() + 3);  // <bos> and two words
  };
  ClaimResult result;
  const std::vector<Round> rounds = write(lm, prompt_of("You should"), 10);
  const Ids expected = sequence_of(vocabulary, "wear shoes");
  double right = 0, grew = 0, complete = 0;
  for (std::size_t i = 0; i < rounds.size(); ++i) {
    right += i + 1 < expected.size() && rounds[i].token == expected[i + 1];
    grew += i > 0 && rounds[i].read == rounds[i - 1].read + 1;
    result.notes.push_back(fmt::format("round {}: {} -> {}", i + 1, fmt::join(vocabulary.decode(rounds[i].input), " "),
                                       vocabulary.token(rounds[i].token)));
  }
  for (const std::string& sentence : sentences) {
    const std::vector<Round> written = write(lm, prompt_of(sentence), 10);
    Ids text = written.back().input;
    text.push_back(written.back().token);
    complete += text == sequence_of(vocabulary, sentence);
  }
  const std::vector<Round> cut = write(lm, prompt_of("You should"), 2);
  result.criteria = {exactly("after \"You should\": rounds until the end of the sequence, of 10 allowed",
                             static_cast<double>(rounds.size()), 3),
                     exactly("of these, rounds that give wear, shoes, <eos> in this order", right, 3),
                     exactly("rounds after the first in which the network reads one token more than before", grew, 2),
                     exactly("with 2 rounds allowed: rounds", static_cast<double>(cut.size()), 2),
                     exactly("with 2 rounds allowed: ends with <eos>", cut.back().token == Vocabulary::eos, 0),
                     exactly("of 20 sentences, those written to their end from their first two words", complete, 20)};
  return result;
}

}  // namespace

Claim autoregressive_loop() {
  return {"P-15", "A language model writes by reading its own words, until the end token or the limit",
          "Sutskever et al. 2014; Graves 2013", run};
}

}  // namespace heed::examples

#include "heed/models/tasks/topic_documents.h"

#include <fmt/format.h>

#include <array>
#include <vector>

#include "heed/tensor/create.h"
#include "heed/tensor/error.h"

namespace heed::models {
namespace {

constexpr std::int64_t opinions = 5;                                                                   // of each kind
constexpr std::array<std::string_view, 27> vocabulary{"film",                                          // the topic
                                                      "good", "great",  "fine",   "lovely", "clever",  // label 1
                                                      "bad",  "dreary", "clumsy", "awful",  "silly",   // label 0
                                                      "the",  "a",      "was",    "is",     "we",      "they",
                                                      "saw",  "music",  "seat",   "food",   "evening",  // all others
                                                      "then", "very",   "and",    "with",   "after"};
constexpr std::int64_t first_other = 1 + 2 * opinions;

std::int64_t opinion_word(std::int64_t label, Generator& generator) {
  return (label == 1 ? 1 : 1 + opinions) + generator.uniform_int(opinions);
}

}  // namespace

std::int64_t topic_vocabulary() { return std::ssize(vocabulary); }

std::string_view topic_word(std::int64_t id) {
  if (id < 0 || id >= topic_vocabulary())
    throw IndexError(fmt::format("topic_word: {} is outside 0 to {}", id, topic_vocabulary() - 1));
  return vocabulary[to_size(id)];
}

TopicDocuments make_topic_documents(const TopicDocumentsConfig& c, std::int64_t batch, Generator& generator) {
  if (batch < 0 || c.sentences < 1 || c.words < 2)
    throw ShapeError(
        fmt::format("topic documents: {} documents of {} sentences of {} words, expected no negative number of "
                    "documents, a sentence or more, and two words or more",
                    batch, c.sentences, c.words));
  TopicDocuments result;
  std::vector<std::int64_t> ids, labels, sentence;
  for (std::int64_t b = 0; b < batch; ++b) {
    const std::int64_t about = generator.uniform_int(c.sentences);
    sentence.push_back(about);
    for (std::int64_t s = 0; s < c.sentences; ++s) {
      const std::size_t begin = ids.size();
      for (std::int64_t w = 0; w < c.words; ++w)
        ids.push_back(first_other + generator.uniform_int(topic_vocabulary() - first_other));
      const std::vector<std::int64_t> places = permutation(generator, c.words);
      const std::int64_t label = generator.uniform_int(2);
      ids[begin + to_size(places[0])] = opinion_word(label, generator);
      if (s != about) continue;
      ids[begin + to_size(places[1])] = 0;
      labels.push_back(label);
    }
  }
  result.ids = tensor(ids, {batch, c.sentences, c.words});
  result.labels = tensor(labels, {batch});
  result.sentence = tensor(sentence, {batch});
  return result;
}

}  // namespace heed::models

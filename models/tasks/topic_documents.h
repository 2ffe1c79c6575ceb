// Task "topic documents": every sentence of a document has an opinion, and the document's label is the opinion of the
// one sentence that has the topic. Who reads words without their sentences can only follow the majority.
#pragma once

#include <cstdint>
#include <string_view>

#include "heed/tensor/random/random.h"

namespace heed::models {

struct TopicDocumentsConfig {
  std::int64_t sentences = 6;
  std::int64_t words = 8;  ///< of each sentence, at least 2
};

struct TopicDocuments {
  Tensor ids;       ///< [B, sentences, words] i64
  Tensor labels;    ///< [B] i64: 1 where the opinion is a good one, else 0
  Tensor sentence;  ///< [B] i64: which sentence has the topic
};

/// Words there are, and the text of one: the topic "film", opinions, and others. IndexError for an id that is none.
std::int64_t topic_vocabulary();
std::string_view topic_word(std::int64_t id);

/// Each sentence has one opinion word, each of these as likely; one sentence has the topic as well; all other words are
/// drawn from those without an opinion, and all places are equally likely. Counting opinions is right about 0.66 of
/// documents of 6 sentences: 0.5 + 2⁻⁶·C(5, 2). ShapeError unless batch >= 0, sentences >= 1 and words >= 2.
TopicDocuments make_topic_documents(const TopicDocumentsConfig& config, std::int64_t batch, Generator& generator);

}  // namespace heed::models

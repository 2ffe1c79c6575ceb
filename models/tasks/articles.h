// Task "articles": Chinese sentences about what somebody ate, to be translated. English says "a" or "an" before the
// noun, and which it is the noun decides, which in the source stands behind the word that becomes the article.
//
//   我 吃了 一个 苹果 ， 然后 吃了 一个 香蕉   ->   I ate an apple and then ate a banana
#pragma once

#include "heed/models/tasks/sequence_pair.h"
#include "heed/models/tasks/word_list.h"
#include "heed/tensor/random/random.h"

namespace heed::models {

struct ArticlesConfig {
  std::int64_t clauses = 2;  ///< at most; each number from 1 on is equally likely
};

/// Where a translation has to choose.
struct ArticleChoice {
  std::int64_t target;  ///< the position of "a" or "an" in the target
  std::int64_t noun;    ///< the source position of the noun that decides
};

struct ArticlesPair : SequencePair {
  std::vector<ArticleChoice> choices = {};
};

const WordList& articles_source_words();
const WordList& articles_target_words();

/// Subject, verbs and nouns are equally likely; six of the twelve nouns begin with a vowel. The gold alignment links
/// each article to 一个 alone. Who has read the source up to that word only is right about half of the articles.
/// ShapeError unless clauses >= 1.
ArticlesPair make_articles(const ArticlesConfig& config, Generator& generator);

}  // namespace heed::models

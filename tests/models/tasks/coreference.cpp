#include "heed/models/tasks/coreference.h"

#include <algorithm>
#include <map>
#include <set>

#include "heed/tensor/error.h"
#include "support/array.h"
#include "support/catch.h"

using namespace heed;
using namespace heed::models;

namespace {

const std::int64_t* row(const Tensor& x, std::int64_t b) { return x.data<std::int64_t>() + b * x.size(1); }
std::int64_t at(const Tensor& x, std::int64_t b) { return x.data<std::int64_t>()[b]; }

}  // namespace

TEST_CASE("coreference: the adjective tells whom it means, and words without order do not", "[tasks]") {
  Generator generator(1);
  constexpr std::int64_t B = 6000, d = 4;
  const CoreferenceBatch batch = make_coreferences({.fillers = d}, B, generator);
  const WordList& words = coreference_words();
  const std::set<std::string_view> acts{"hungry", "strong", "angry", "greedy", "cruel"};
  std::vector<int> labels(to_size(coreference_nouns())), firsts = labels;
  std::map<std::int64_t, int> adjectives;
  int wrong = 0, first = 0;
  double unordered = 0;
  for (std::int64_t b = 0; b < B; ++b) {
    const std::int64_t* ids = row(batch.ids, b);
    const std::int64_t one = ids[1], other = ids[4], adjective = ids[8 + d];
    wrong += words.word(ids[0]) != "the" || words.word(ids[3]) != "the" || words.word(ids[5 + d]) != "because" ||
             words.word(ids[batch.it]) != "it" || words.word(ids[7 + d]) != "was" || one == other ||
             one >= coreference_nouns() || other >= coreference_nouns();
    const bool means_first = acts.contains(words.word(adjective));
    wrong += at(batch.labels, b) != (means_first ? one : other) || at(batch.antecedent, b) != (means_first ? 1 : 4);
    first += means_first;
    ++adjectives[adjective];
    ++labels.at(to_size(at(batch.labels, b)));
    // Knows both nouns and the adjective, and not the order.
    unordered += (means_first ? std::min(one, other) : std::max(one, other)) == at(batch.labels, b);
    ++firsts.at(to_size(one));
  }
  CHECK(wrong == 0);
  CHECK(std::abs(first - B / 2) < 240);
  CHECK(adjectives.size() == 10);
  CHECK(*std::ranges::min_element(firsts) > 420);
  CHECK(*std::ranges::min_element(labels) > 420);
  CHECK(*std::ranges::max_element(labels) < 580);  // a constant: one of 12
  CHECK(std::abs(unordered / B - 0.5) < 0.03);
}

TEST_CASE("coreference: any distance, one seed, what is refused", "[tasks]") {
  Generator a(3), b(3);
  const CoreferenceBatch near = make_coreferences({.fillers = 0}, 5, a);
  CHECK(near.ids.shape() == Shape{5, 9});
  CHECK(coreference_words().word(row(near.ids, 0)[near.it]) == "it");
  CHECK(test::same_bits(near.ids, make_coreferences({.fillers = 0}, 5, b).ids));
  CHECK_FALSE(test::same_bits(near.ids, make_coreferences({.fillers = 0}, 5, b).ids));
  CHECK(make_coreferences({.fillers = 48}, 0, a).ids.shape() == Shape{0, 57});
  CHECK_THROWS_AS(make_coreferences({}, -1, a), ShapeError);
  CHECK_THROWS_AS(make_coreferences({.fillers = -1}, 1, a), ShapeError);
}

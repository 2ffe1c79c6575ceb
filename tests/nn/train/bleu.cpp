#include "heed/nn/train/bleu.h"

#include <cmath>

#include "heed/nn/data/subwords.h"
#include "heed/nn/data/text.h"
#include "heed/tensor/error.h"
#include "support/catch.h"

using namespace heed;
using namespace heed::nn;
using Words = std::vector<std::string>;

namespace {
Bleu bleu_of(const std::string& candidate, const std::vector<std::string>& references) {
  std::vector<Words> split;
  for (const std::string& reference : references) split.push_back(words(reference));
  Bleu bleu;
  bleu.add(words(candidate), split);
  return bleu;
}
const std::vector<std::string> guide{
    "It is a guide to action that ensures that the military will forever heed Party commands",
    "It is the guiding principle which guarantees the military forces always being under the command of the Party",
    "It is the practical guide for the army always to heed the directions of the party"};
}  // namespace

TEST_CASE("BLEU: the precisions Papineni et al. count in their paper", "[train]") {
  const Bleu first =
      bleu_of("It is a guide to action which ensures that the military always obeys the commands of the party", guide);
  CHECK(first.precision(1) == 17.0 / 18);
  CHECK(first.precision(2) == 10.0 / 17);
  const Bleu second =
      bleu_of("It is to insure the troops forever hearing the activity guidebook that party direct", guide);
  CHECK(second.precision(1) == 8.0 / 14);
  CHECK(second.precision(2) == 1.0 / 13);
  CHECK(second.score() == 0);
  const Bleu the = bleu_of("the the the the the the the", {"The cat is on the mat", "There is a cat on the mat"});
  CHECK(the.precision(1) == 2.0 / 7);
}

TEST_CASE("BLEU: a short corpus by hand", "[train]") {
  // a b c d e | a b c d x:  4/5 3/4 2/3 1/2, lengths 5 and 5
  CHECK(bleu_of("a b c d e", {"a b c d x"}).score() == Approx(std::pow(4.0 / 5 * 3 / 4 * 2 / 3 * 1 / 2, 0.25)));
  // a b c d | a b c d e:  all 1, c = 4, r = 5
  const Bleu brief = bleu_of("a b c d", {"a b c d e"});
  CHECK(brief.brevity_penalty() == Approx(std::exp(-0.25)));
  CHECK(brief.score() == Approx(std::exp(-0.25)));

  Bleu both;  // counts add up: 8/9 6/7 4/5 2/3, c = 9, r = 10
  both.add(words("a b c d e"), {words("a b c d x")});
  both.add(words("a b c d"), {words("a b c d e")});
  CHECK(both.candidate_length() == 9);
  CHECK(both.reference_length() == 10);
  CHECK(both.score() == Approx(std::exp(1 - 10.0 / 9) * std::pow(8.0 / 9 * 6 / 7 * 4 / 5 * 2 / 3, 0.25)));
}

TEST_CASE("BLEU: perfect, useless and empty", "[train]") {
  CHECK(bleu_of("a b c d", {"a b c d"}).score() == 1);
  CHECK(bleu_of("a b c d", {"w x y z"}).score() == 0);
  CHECK(bleu_of("", {"a"}).score() == 0);
  CHECK(bleu_of("", {"a"}).score(true) == 0);
  CHECK(bleu_of("a b", {""}).score() == 0);
  CHECK(Bleu().score() == 0);
  CHECK(bleu_of("a b c", {"a b c"}).score() == 0);  // no 4-gram at all
}

TEST_CASE("BLEU: smoothing adds one above unigrams", "[train]") {
  // a b x d | a b c d:  3/4, (1+1)/(3+1), (0+1)/(2+1), (0+1)/(1+1)
  const Bleu bleu = bleu_of("a b x d", {"a b c d"});
  CHECK(bleu.score() == 0);
  CHECK(bleu.score(true) == Approx(std::pow(3.0 / 4 * 2 / 4 * 1 / 3 * 1 / 2, 0.25)));
  CHECK(bleu_of("x y", {"a b"}).score(true) == 0);
}

TEST_CASE("BLEU: several references clip by their maximum; the closest length counts, the shorter on a tie",
          "[train]") {
  CHECK(bleu_of("a a a", {"a", "a a b"}).precision(1) == 2.0 / 3);
  CHECK(bleu_of("a b c d", {"a b", "a b c d e", "a b c d e f g"}).reference_length() == 5);
  CHECK(bleu_of("a b c d", {"a b c d e", "a b c"}).reference_length() == 3);
  CHECK(bleu_of("a b c d", {"a b c", "a b c d e"}).reference_length() == 3);
}

TEST_CASE("BLEU: brevity against the reference closest in length, never above 1", "[train]") {  // trap M3
  CHECK(bleu_of("a b c d", {"a", "a b c d e"}).brevity_penalty() == Approx(0.778801).epsilon(1e-6));
  CHECK(bleu_of("a b c d e", {"a b c d e f g"}).brevity_penalty() == Approx(0.670320).epsilon(1e-6));
  CHECK(bleu_of("a b c d", {"a b c", "a b c d e"}).reference_length() == 3);
  CHECK(bleu_of("a b c d", {"a b c", "a b c d e"}).brevity_penalty() == 1);
  for (const std::string candidate : {"a", "a b", "a b c d e f g h"})
    CHECK(bleu_of(candidate, {"a b c d"}).brevity_penalty() <= 1);
}

TEST_CASE("BLEU: subwords are joined before they are scored", "[train]") {  // trap M4
  const Words candidate{"He@@", "llo", "wor@@", "ld", "out", "there"};
  CHECK(join_subwords(candidate, SubwordStyle::continued) == "Hello world out there");
  const std::string joined = join_subwords({"▁Hello", "▁wor", "ld", "▁out", "▁there"}, SubwordStyle::word_begin);
  CHECK(joined == "Hello world out there");
  CHECK(bleu_of(joined, {"Hello world out there"}).score() == 1);
}

TEST_CASE("BLEU: errors", "[train]") {
  Bleu bleu;
  CHECK_THROWS_AS(bleu.add({"a"}, {}), ShapeError);
  CHECK_THROWS_AS(bleu.precision(0), IndexError);
  CHECK_THROWS_AS(bleu.precision(5), IndexError);
}

#include "heed/nn/train/edit_distance.h"

#include <algorithm>
#include <limits>

#include "heed/nn/data/text.h"
#include "heed/nn/data/utf8.h"
#include "heed/tensor/random/random.h"
#include "heed/tensor/shape.h"
#include "support/catch.h"

using namespace heed;
using namespace heed::nn;
using Ids = std::vector<std::int64_t>;

namespace {

std::int64_t letters(std::string_view a, std::string_view b) { return edit_distance(characters(a), characters(b)); }

// The definition, by recursion.
std::int64_t defined(std::span<const std::int64_t> a, std::span<const std::int64_t> b) {
  if (a.empty() || b.empty()) return static_cast<std::int64_t>(a.size() + b.size());
  const auto rest_a = a.subspan(1), rest_b = b.subspan(1);
  if (a[0] == b[0]) return defined(rest_a, rest_b);
  return 1 + std::min({defined(rest_a, b), defined(a, rest_b), defined(rest_a, rest_b)});
}

}  // namespace

TEST_CASE("edit distance: known pairs", "[nn][train]") {
  CHECK(letters("kitten", "sitting") == 3);
  CHECK(letters("saturday", "sunday") == 3);
  CHECK(letters("", "abc") == 3);
  CHECK(letters("abc", "") == 3);
  CHECK(letters("", "") == 0);
  CHECK(letters("schön", "schon") == 1);  // a letter, not its bytes
}

TEST_CASE("edit distance: as its definition says, and from either side", "[nn][train]") {
  Generator random(2);
  for (int round = 0; round < 300; ++round) {
    Ids a(to_size(random.uniform_int(6))), b(to_size(random.uniform_int(6)));
    for (Ids* ids : {&a, &b})
      for (std::int64_t& id : *ids) id = random.uniform_int(3);
    CHECK(edit_distance(a, b) == defined(a, b));
    CHECK(edit_distance(b, a) == defined(a, b));
  }
}

TEST_CASE("error rate: of the corpus, not a mean of sentences", "[nn][train]") {
  ErrorRate rate;
  CHECK(rate.value() == 0);
  rate.add(words("the cat sat"), words("the cat sat"));
  rate.add(words("a b c d e f g"), words("a x c d f g h"));  // substituted, deleted, inserted
  CHECK(rate.edits() == 3);
  CHECK(rate.reference_length() == 10);
  CHECK(rate.value() == 0.3);
  ErrorRate inserted;
  inserted.add(words("a"), words("a b c"));
  CHECK(inserted.value() == 2);
  ErrorRate nothing;
  nothing.add(words(""), words("a"));
  CHECK(nothing.value() == std::numeric_limits<double>::infinity());
}

#include "heed/models/tasks/made_up_names.h"

#include <cmath>
#include <set>

#include "support/catch.h"

using namespace heed;

TEST_CASE("made-up names keep their rules, and their entropy is what is said", "[models]") {
  Generator generator(1);
  double letters = 0;
  std::set<std::string> different;
  for (int i = 0; i < 4000; ++i) {
    const std::string name = models::make_name(generator);
    INFO(name);
    CHECK(name.size() >= 4);
    CHECK(name.size() <= 7);
    const std::size_t front = std::string("eiy").find(name[1]);
    for (std::size_t at = 0; at < name.size() / 2 * 2; at += 2) {
      CHECK(std::string("bdfgklmnrs").find(name[at]) != std::string::npos);
      CHECK(std::string(front == std::string::npos ? "aou" : "eiy").find(name[at + 1]) != std::string::npos);
    }
    if (name.size() % 2 == 1) CHECK(std::string("nrs").find(name.back()) != std::string::npos);
    letters += static_cast<double>(name.size());
    different.insert(name);
  }
  CHECK(std::abs(letters / 4000 - models::made_up_name_letters) < 0.1);
  CHECK(different.size() > 3500);
  // Kind, syllables, and for each a consonant and a vowel; then the end.
  CHECK(std::abs(models::made_up_name_entropy - (2 * std::log(2) + 2.5 * std::log(10 * 3) + std::log(4))) < 1e-8);
}

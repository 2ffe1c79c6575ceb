#include "heed/models/tasks/requests.h"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <vector>

#include "support/catch.h"

using namespace heed;

TEST_CASE("requests: every intent as often; two share every bag of words, no others share a text", "[tasks]") {
  Generator generator(1);
  std::vector<int> counts(models::request_intents.size());
  std::map<std::string, std::set<std::int64_t>> by_text, by_bag;
  for (int i = 0; i < 20'000; ++i) {
    const models::Request request = models::make_request(generator);
    ++counts.at(static_cast<std::size_t>(request.intent));
    by_text[request.text].insert(request.intent);
    std::vector<std::string> words;
    std::istringstream stream(request.text);
    for (std::string word; stream >> word;) words.push_back(word);
    std::sort(words.begin(), words.end());
    std::string bag;
    for (const std::string& word : words) bag += word + " ";
    by_bag[bag].insert(request.intent);
  }
  CHECK(*std::min_element(counts.begin(), counts.end()) > 3000);
  CHECK(std::is_sorted(models::request_intents.begin(), models::request_intents.end()));
  for (const auto& [text, intents] : by_text) CHECK(intents.size() == 1);
  for (const auto& [bag, intents] : by_bag) {
    const bool is_switch = intents.contains(1) || intents.contains(3);
    CHECK(intents == (is_switch ? std::set<std::int64_t>{1, 3} : std::set<std::int64_t>{*intents.begin()}));
  }
}

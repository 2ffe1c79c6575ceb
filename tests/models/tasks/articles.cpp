#include "heed/models/tasks/articles.h"

#include <map>
#include <set>

#include "heed/tensor/error.h"
#include "support/catch.h"

using namespace heed;
using namespace heed::models;

namespace {

// The table of words, written once more.
const std::map<std::string, std::string> meanings{
    {"我", "I"},           {"他", "he"},        {"她", "she"},      {"吃了", "ate"}, {"买了", "bought"},
    {"看见了", "saw"},     {"苹果", "apple"},   {"橙子", "orange"}, {"鸡蛋", "egg"}, {"洋葱", "onion"},
    {"茄子", "aubergine"}, {"杏子", "apricot"}, {"香蕉", "banana"}, {"梨", "pear"},  {"桃子", "peach"},
    {"柠檬", "lemon"},     {"土豆", "potato"},  {"番茄", "tomato"}, {"，", "and"},   {"然后", "then"}};

std::string source_word(const SequencePair& pair, std::int64_t i) {
  return std::string(articles_source_words().word(pair.source.at(to_size(i))));
}
std::string target_word(const SequencePair& pair, std::int64_t i) {
  return std::string(articles_target_words().word(pair.target.at(to_size(i))));
}

}  // namespace

TEST_CASE("articles: word for word, and the noun decides between a and an", "[tasks]") {
  Generator generator(1);
  std::map<std::string, int> nouns;
  int wrong = 0, an = 0, choices = 0, two = 0;
  for (int i = 0; i < 3000; ++i) {
    const ArticlesPair pair = make_articles({}, generator);
    two += pair.choices.size() == 2;
    std::set<std::int64_t> chosen;
    for (const ArticleChoice& choice : pair.choices) {
      const std::string noun = target_word(pair, choice.target + 1), article = target_word(pair, choice.target);
      wrong += article != (std::string("aeiou").find(noun[0]) == std::string::npos ? "a" : "an");
      wrong += meanings.at(source_word(pair, choice.noun)) != noun;
      wrong += source_word(pair, pair.alignment.at(to_size(choice.target)).at(0)) != "一个";
      ++nouns[noun];
      an += article == "an";
      ++choices;
      chosen.insert(choice.target);
    }
    for (std::int64_t t = 0; t < std::ssize(pair.target); ++t) {
      wrong += pair.alignment.at(to_size(t)).size() != 1;
      if (!chosen.contains(t))
        wrong += meanings.at(source_word(pair, pair.alignment[to_size(t)][0])) != target_word(pair, t);
    }
  }
  CHECK(wrong == 0);
  CHECK(std::abs(two - 1500) < 120);
  CHECK(nouns.size() == 12);
  for (const auto& [noun, count] : nouns) CHECK(count > 290);
  // Who has read up to the article's own word only is right in half, whatever is answered.
  CHECK(std::abs(static_cast<double>(an) / choices - 0.5) < 0.03);
}

TEST_CASE("articles: a sentence of the kind, one seed, what is refused", "[tasks]") {
  Generator a(3), b(3);
  const ArticlesPair pair = make_articles({.clauses = 3}, a);
  CHECK(pair.source == make_articles({.clauses = 3}, b).source);
  CHECK(pair.target != make_articles({.clauses = 3}, b).target);
  const std::string text = articles_target_words().text(pair.target);
  CHECK(articles_source_words().text(pair.source).find(" 一个 ") != std::string::npos);
  CHECK(text.find(pair.choices.size() > 1 ? " and then " : " a") != std::string::npos);
  Generator one(4);
  for (int i = 0; i < 20; ++i) CHECK(make_articles({.clauses = 1}, one).target.size() == 4);
  CHECK_THROWS_AS(make_articles({.clauses = 0}, a), ShapeError);
}

#include "heed/models/tasks/articles.h"

#include <fmt/format.h>

#include <array>

#include "heed/tensor/error.h"

namespace heed::models {
namespace {

struct Entry {
  std::string_view source, target;
};

constexpr std::array<Entry, 3> subjects{{{"我", "I"}, {"他", "he"}, {"她", "she"}}};
constexpr std::array<Entry, 3> verbs{{{"吃了", "ate"}, {"买了", "bought"}, {"看见了", "saw"}}};
constexpr std::array<Entry, 12> nouns{{{"苹果", "apple"},
                                       {"橙子", "orange"},
                                       {"鸡蛋", "egg"},
                                       {"洋葱", "onion"},
                                       {"茄子", "aubergine"},
                                       {"杏子", "apricot"},
                                       {"香蕉", "banana"},
                                       {"梨", "pear"},
                                       {"桃子", "peach"},
                                       {"柠檬", "lemon"},
                                       {"土豆", "potato"},
                                       {"番茄", "tomato"}}};
constexpr std::int64_t with_vowel = 6;  // the first of the nouns

WordList words(std::vector<std::string_view> list, std::string_view Entry::* side) {
  for (const Entry& entry : subjects) list.push_back(entry.*side);
  for (const Entry& entry : verbs) list.push_back(entry.*side);
  for (const Entry& entry : nouns) list.push_back(entry.*side);
  return {"articles", std::move(list)};
}

struct Writer {
  ArticlesPair pair = {};

  std::int64_t read(std::string_view word) {
    pair.source.push_back(articles_source_words().id(word));
    return std::ssize(pair.source) - 1;
  }
  std::int64_t write(std::string_view word, std::int64_t from) {
    pair.target.push_back(articles_target_words().id(word));
    pair.alignment.push_back({from});
    return std::ssize(pair.target) - 1;
  }
  template <std::size_t n>
  void translate(const std::array<Entry, n>& entries, Generator& generator) {
    const Entry& entry = entries[to_size(generator.uniform_int(n))];
    write(entry.target, read(entry.source));
  }
};

}  // namespace

const WordList& articles_source_words() {
  static const WordList list = words({"一个", "，", "然后"}, &Entry::source);
  return list;
}

const WordList& articles_target_words() {
  static const WordList list = words({"a", "an", "and", "then"}, &Entry::target);
  return list;
}

ArticlesPair make_articles(const ArticlesConfig& c, Generator& generator) {
  if (c.clauses < 1) throw ShapeError(fmt::format("articles: up to {} clauses, expected one or more", c.clauses));
  Writer writer;
  writer.translate(subjects, generator);
  for (std::int64_t clause = generator.uniform_int(c.clauses); clause >= 0; --clause) {
    writer.translate(verbs, generator);
    const std::int64_t noun = generator.uniform_int(std::ssize(nouns));
    const std::int64_t article = writer.write(noun < with_vowel ? "an" : "a", writer.read("一个"));
    const std::int64_t position = writer.read(nouns[to_size(noun)].source);
    writer.write(nouns[to_size(noun)].target, position);
    writer.pair.choices.push_back({article, position});
    if (clause == 0) break;
    writer.write("and", writer.read("，"));
    writer.write("then", writer.read("然后"));
  }
  return writer.pair;
}

}  // namespace heed::models

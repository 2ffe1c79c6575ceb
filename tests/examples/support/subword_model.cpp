#include "examples/support/subword_model.h"

#include "examples/support/lm_tokens.h"
#include "heed/tensor/error.h"
#include "heed/tensor/random/random.h"
#include "support/catch.h"
#include "support/refused.h"
#include "support/temporary_folder.h"

using namespace heed;
using namespace heed::examples;

namespace {

const std::vector<std::string>& texts() {
  static const std::vector<std::string> all{"the lower the newer, the wider the lowest",
                                            "Zwölf Boxkämpfer jagen Viktor über den Sylter Deich",
                                            "съешь ещё этих мягких французских булок",
                                            "いろはにほへと ちりぬるを 猫",
                                            "שלום עולם  مرحبا بالعالم",
                                            "👩‍🚀 😀 e\u0301\ttab",
                                            " two  blanks   and more "};
  return all;
}

const SubwordModel& model() {
  static const SubwordModel one = SubwordModel::train(texts(), 150);
  return one;
}

std::string written(const SubwordModel& subwords, const std::string& text) {
  std::string result;
  bool first = true;
  for (const std::int64_t id : subwords.encode(text)) {
    result += subwords.text_of(id, first);
    first = false;
  }
  return result;
}

// A message of Protocol Buffers as a field of another.
std::string field(int number, const std::string& bytes) {
  std::string result{static_cast<char>(number << 3 | 2)};
  std::size_t size = bytes.size();
  for (; size >= 128; size >>= 7) result += static_cast<char>((size & 127) | 128);
  return result + static_cast<char>(size) + bytes;
}

// The table of a model that reads A as a: 512 units of a trie that leads from 0 by byte 65 to 321, from there to 320,
// where the place of "a" in the texts stands.
struct Table {
  std::vector<std::uint32_t> units = std::vector<std::uint32_t>(512);
  std::string texts{"a\0", 2};
  std::uint32_t bytes = 4 * 512;

  Table() {
    units[0] = 256u << 10;
    units[321] = 1u << 10 | 1u << 8 | 65;
    units[320] = 1u << 31;
  }

  // The model with this table in its normalizer.
  std::string in(const SubwordModel& subwords) const {
    std::string table(reinterpret_cast<const char*>(&bytes), 4);
    table.append(reinterpret_cast<const char*>(units.data()), 4 * units.size());
    return subwords.bytes() + field(3, field(2, table + texts));
  }
};

}  // namespace

TEST_CASE("pieces are joined to the text they came from", "[examples][subwords]") {
  for (const std::string& text : texts()) {
    CAPTURE(text);
    CHECK(model().join(model().pieces(text)) == text);
    CHECK(written(model(), text) == text);
    CHECK_FALSE(model().unknown_in(text));
    CHECK(model().encode(text).size() == model().pieces(text).size());
  }
  CHECK(model().pieces("the lower") == std::vector<std::string>{"▁the", "▁low", "er"});
  CHECK(model().pieces("").empty());
  CHECK(model().join({"▁the", "▁low", "er"}) == "the lower");  // trap M4
  CHECK(model().encode("the").size() == 1);
  CHECK(model().text_of(model().encode("the")[0], true) == "the");
  CHECK(model().text_of(model().encode("the")[0], false) == " the");
  CHECK(model().text_of(model().end(), true).empty());
  CHECK_THROWS_AS(model().text_of(model().size(), true), IndexError);
  CHECK_THROWS_AS(model().text_of(-1, true), IndexError);
}

TEST_CASE("what a model does not know is <unk>", "[examples][subwords]") {
  CHECK(model().unknown_in("the 犬!") == std::optional<std::string>("犬!"));
  CHECK(written(model(), "the 犬") == "the ⁇");
  const std::vector<std::int64_t> ids = model().encode("犬");
  CHECK(ids.back() == model().unknown());
  CHECK_THROWS_AS(model().encode("a\xFF"), FormatError);
  CHECK_THROWS_AS(model().pieces("a\xFF"), FormatError);
}

TEST_CASE("the same texts give the same pieces", "[examples][subwords]") {
  CHECK(SubwordModel::train(texts(), 150).bytes() == model().bytes());
  CHECK(SubwordModel::train(texts(), 140).bytes() != model().bytes());
  CHECK(SubwordModel::train(texts(), 150).summary() == model().summary());
  CHECK(SubwordModel::train(texts(), 140).summary() != model().summary());
  CHECK(model().size() == 150);
  CHECK(SubwordModel::train({"aa"}, 1000).size() == 8);  // <unk> <s> </s> ▁ a ▁a aa ▁aa: there is no more to learn
}

TEST_CASE("texts that SentencePiece would pass over, or end the program at", "[examples][subwords]") {
  std::string word;
  for (int i = 0; i < 100'000; ++i) word += static_cast<char>('a' + (i % 7) * (i % 7) % 7);
  const SubwordModel subwords = SubwordModel::train({word + "q", "x▅y", std::string("v\0w", 3), "u"}, 40);
  for (const char* one : {"q", "x", "y", "v", "w", "u"}) CHECK_FALSE(subwords.unknown_in(one));
  CHECK(written(subwords, word) == word);
  const auto refused = [](const std::vector<std::string>& wrong, std::int64_t pieces) {
    return test::message_of<FormatError>([&] { SubwordModel::train(wrong, pieces); });
  };
  CHECK(refused({"abc"}, 6) == "6 pieces are too few for 4 different characters, which take 7");
  CHECK_NOTHROW(SubwordModel::train({"abc"}, 7));
  CHECK(refused({}, 100) == "no text to learn pieces from");
  CHECK(refused({"", ""}, 100) == "no text to learn pieces from");
  CHECK_FALSE(refused({"a\xFF"}, 100).empty());
}

TEST_CASE("a SentencePiece model goes through a file and through text", "[examples][subwords]") {
  const test::TemporaryFolder folder;
  const std::string path = folder.write("pieces.model", model().bytes()).string();
  CHECK(SubwordModel::read(path).pieces("the lower") == model().pieces("the lower"));
  CHECK(SubwordModel::from_hex(model().hex()).bytes() == model().bytes());
  CHECK_THROWS_AS(SubwordModel::read((folder.path() / "none").string()), IoError);
  CHECK_THROWS_AS(SubwordModel::read(folder.write("large", std::string((16 << 20) + 1, ' ')).string()), FormatError);
  CHECK(test::message_of<FormatError>([&] {
          SubwordModel::read(folder.write("text", "mine\n").string());
        }).starts_with((folder.path() / "text").string() + ": not a SentencePiece model"));
  for (const std::string hex : {"", "0", "0g", "zz", "+1", " 1", "0a"})
    CHECK_THROWS_AS(SubwordModel::from_hex(hex), FormatError);
  CHECK_THROWS_AS(SubwordModel::from_hex(model().hex() + "0"), FormatError);
  CHECK_THROWS_AS(SubwordModel(""), FormatError);
}

TEST_CASE("a damaged SentencePiece model is refused or serves, and never ends the program", "[examples][subwords]") {
  Generator random(1);
  const std::string good = Table().in(model());
  int refused = 0;
  const auto use = [&](const std::string& bytes) {
    try {
      const SubwordModel subwords(bytes);
      for (const std::string& text : texts()) subwords.join(subwords.pieces(text + "ABC犬"));
      for (std::int64_t id = 0; id < subwords.size(); ++id) subwords.text_of(id, true);
    } catch (const FormatError&) {
      ++refused;
    }
  };
  for (int i = 0; i < 2000; ++i) {
    std::string bytes = good;
    for (std::int64_t flips = 1 + random.uniform_int(3); flips > 0; --flips)
      bytes[static_cast<std::size_t>(random.uniform_int(std::ssize(bytes)))] ^=
          static_cast<char>(1 << random.uniform_int(8));
    use(bytes);
  }
  for (std::size_t size = 0; size < good.size(); size += 7) use(good.substr(0, size));
  CHECK(refused > 500);
}

TEST_CASE("a table of normalised characters may not lead outside of itself", "[examples][subwords]") {
  CHECK(SubwordModel(Table().in(model())).pieces("A") == model().pieces("a"));
  const auto refused = [](const auto& spoil, const std::string& expected) {
    Table table;
    spoil(table);
    const std::string message = test::message_of<FormatError>([&] { SubwordModel(table.in(model())); });
    CHECK(message == "not a SentencePiece model: its table of normalised characters " + expected);
  };
  refused([](Table& t) { t.units[0] = 512u << 10; }, "leads outside of itself");
  refused([](Table& t) { t.units[0] |= 1u << 9; }, "leads outside of itself");
  refused([](Table& t) { t.units[321] += 512u << 10; }, "leads outside of itself");
  refused([](Table& t) { t.units[320] += 2; }, "leads outside of itself");
  refused([](Table& t) { t.units[0] = 1u << 31 | 1u << 30; }, "leads outside of itself");
  refused([](Table& t) { t.units.resize(400), t.bytes = 1600; }, "leads outside of itself");
  refused([](Table& t) { t.texts = "a"; }, "is damaged");
  refused([](Table& t) { t.texts = ""; }, "is damaged");
  refused([](Table& t) { t.bytes = 0; }, "is damaged");
  refused([](Table& t) { t.bytes -= 2; }, "is damaged");
}

TEST_CASE("a language model's pieces end a line where the text does", "[examples][subwords]") {
  const LmTokens tokens{model()};
  const std::string text = "the lower\n\n two  blanks\nthe";
  const std::vector<std::int64_t> ids = tokens.encode(text);
  CHECK(std::count(ids.begin(), ids.end(), model().end()) == 3);
  std::string read;
  bool begins_line = true;
  for (const std::int64_t id : ids) {
    read += tokens.text_of(id, begins_line);
    begins_line = id == model().end();
  }
  CHECK(read == text);
  CHECK(tokens.encode("\n") == std::vector<std::int64_t>{model().end()});
  CHECK(tokens.encode("").empty());
  CHECK(tokens.beginning() == model().end());
  CHECK_NOTHROW(tokens.check_known(text));
  CHECK(test::message_of<FormatError>([&] { tokens.check_known("the\n犬"); }) == "the model's pieces do not have '犬'");
}

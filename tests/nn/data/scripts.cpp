// Words and back in many scripts: nothing is lost, no spelling changes, and what was printed reads as the same words.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <sstream>

#include "heed/nn/data/text.h"
#include "heed/tensor/random/random.h"
#include "support/catch.h"
#include "support/paths.h"

using namespace heed::nn;
using Words = std::vector<std::string>;

namespace {

struct Example {
  std::string text;
  Words words;
};

/// `text` as words() sees it, each run of blanks as one.
std::string normalised(std::string_view text) {
  std::u32string codes;
  for (char32_t code : nfc(decode_utf8(text))) {
    const CharacterKind kind = character_kind(code);
    if (kind == CharacterKind::invisible) continue;
    if (kind == CharacterKind::space) code = U' ';
    if (code == U'\u2019' || code == U'\u02BC') code = U'\'';
    if (code == U'\u2010' || code == U'\u2011') code = U'-';
    if (code != U' ' || (!codes.empty() && codes.back() != U' ')) codes += lower(code);
  }
  if (codes.ends_with(U' ')) codes.pop_back();
  std::string result;
  for (const char32_t code : nfc(codes)) append_utf8(result, code);
  return result;
}

std::string without_blanks(std::string text) {
  std::erase(text, ' ');
  return text;
}

}  // namespace

// Each text is printed again exactly, but for case.
TEST_CASE("scripts: words, and the text again", "[data]") {
  const auto [text, expected] = GENERATE(values<Example>({
      {"ශ්‍රී ලංකාව ලස්සනයි.",
       {"ශ්‍රී", "ලංකාව", "ලස්සනයි", "."}},  // with ZERO WIDTH JOINER
      {"می‌خواهم به خانه بروم؛ تو چطور؟",
       {"می‌خواهم", "به", "خانه", "بروم", "؛", "تو", "چطور", "؟"}},  // NON-JOINER
      {"മലയാളം അവന്‍ (അവള്‍)",
       {"മലയാളം", "അവന്‍", "(", "അവള്‍", ")"}},
      {"مَرْحَبًا، كَيْفَ حَالُكَ؟ ١٢٬٥", {"مَرْحَبًا", "،", "كَيْفَ", "حَالُكَ", "؟", "١٢٬٥"}},
      {"שָׁלוֹם, בית־ספר של צה״ל!", {"שָׁלוֹם", ",", "בית־ספר", "של", "צה״ל", "!"}},
      {"नमस्ते दुनिया। क्षत्रिय १२,५", {"नमस्ते", "दुनिया", "।", "क्षत्रिय", "१२,५"}},
      {"আমি বাংলায় গান গাই।", {"আমি", "বাংলায়", "গান", "গাই", "।"}},
      {"வணக்கம், நான் தமிழ் பேசுகிறேன்.", {"வணக்கம்", ",", "நான்", "தமிழ்", "பேசுகிறேன்", "."}},
      {"สวัสดีครับ", {"ส", "วั", "ส", "ดี", "ค", "รั", "บ"}},
      {"ກຳ", {"ກຳ"}},
      {"ភាសាខ្មែរ។", {"ភា", "សា", "ខ្", "មែ", "រ", "។"}},
      {"မြန်မာ", {"မြ", "န်", "မာ"}},
      {"私はiPhoneを２０２０年に買った。「本当？」",
       {"私", "は", "iphone", "を", "２０２０", "年", "に", "買", "っ", "た", "。", "「", "本", "当", "？", "」"}},
      {"がぎぐ、ｶﾞｷﾞ", {"が", "ぎ", "ぐ", "、", "ｶﾞ", "ｷﾞ"}},
      {"我在2019年吃了３.５个苹果——真的！",
       {"我", "在", "2019", "年", "吃", "了", "３.５", "个", "苹", "果", "——", "真", "的", "！"}},
      {"한국어는 재미있어요, 그렇죠?", {"한국어는", "재미있어요", ",", "그렇죠", "?"}},
      {"Καλημέρα, ΤΙ ΚΆΝΕΙΣ; Ὀδυσσεύς", {"καλημέρα", ",", "τι", "κάνεισ", ";", "ὀδυσσεύς"}},
      {"Съешь ещё этих «мягких» булок, під'їзд.",
       {"съешь", "ещё", "этих", "«", "мягких", "»", "булок", ",", "під'їзд", "."}},
      {"ქართული ᲔᲜᲐ (ლამაზი).", {"ქართული", "ენა", "(", "ლამაზი", ")", "."}},
      {"Ինչո՞ւ եկար։", {"ինչո՞ւ", "եկար", "։"}},
      {"ሰላም ልዑል፣ እንደምን ነህ።", {"ሰላም", "ልዑል", "፣", "እንደምን", "ነህ", "።"}},
      {"བོད་ཡིག།", {"བོད་ཡིག", "།"}},
      {"ᠮᠣᠩᠭᠣᠯ ᠬᠡᠯᠡ᠎ᠨ", {"ᠮᠣᠩᠭᠣᠯ", "ᠬᠡᠯᠡ᠎ᠨ"}},
      {"ᏣᎳᎩ ᚠᚢᚦ ⴰⵎⴰⵣⵉⵖ", {"ꮳꮃꭹ", "ᚠᚢᚦ", "ⴰⵎⴰⵣⵉⵖ"}},
      {"DİYARBAKIR'ın Straße Pál·lel", {"diyarbakir'ın", "straße", "pál·lel"}},
      {"oui 👨‍👩‍👧👍🏽 🇫🇷🇩🇪 ❤️!",
       {"oui", "👨‍👩‍👧", "👍🏽", "🇫🇷", "🇩🇪", "❤️", "!"}},
      {"er sagte: „gut“, sie »so«", {"er", "sagte", ":", "„", "gut", "“", ",", "sie", "»", "so", "«"}},
      {"\"one\" and \"two\", $5 and/or 20 €",
       {"\"", "one", "\"", "and", "\"", "two", "\"", ",", "$", "5", "and", "/", "or", "20", "€"}},
  }));
  CAPTURE(text);
  CHECK(words(text) == expected);
  CHECK(words(join_words(words(text))) == expected);
  CHECK(without_blanks(join_words(words(text))) == without_blanks(normalised(text)));
  std::string printed = normalised(text);
  if (text.starts_with("oui"))
    printed = "oui 👨‍👩‍👧👍🏽🇫🇷🇩🇪❤️!";       // blanks between emoji are lost
  if (text.starts_with("er sagte")) printed = "er sagte: „gut“, sie» so «";  // it reads like the end of a quotation
  CHECK(join_words(words(text)) == printed);
}

TEST_CASE("scripts: both ways of writing an accent are one word", "[data]") {
  CHECK(words("cafe\u0301 E\u0301te\u0301") == words("café Été"));
  CHECK(words("I\u0307") == words("İ"));
  CHECK(words("J\u030C") == Words{"ǰ"});  // which is composed only when it is small
  CHECK(words("\u1112\u1161\u11AB") == Words{"한"});
  CHECK(words("が") == words("か\u3099"));
}

TEST_CASE("scripts: a joiner that joins nothing vanishes, as do other invisible characters", "[data]") {
  CHECK(words("\u200Da \u200C! \u200D") == Words{"a", "!"});
  CHECK(words("a\u200D b") == Words{"a\u200D", "b"});
  CHECK(words("\uFEFFa\uFEFFb\u202Ec") == Words{"abc"});
}

TEST_CASE("scripts: text that is divided already keeps its words", "[data]") {
  constexpr TextOptions divided{.split_characters = false};
  const std::string japanese = "私 は 東京 の 学生 です。 「コーヒー」 ２０２０ 年", thai = "ผม รัก ภาษา ไทย";
  CHECK(words(japanese, divided) ==
        Words{"私", "は", "東京", "の", "学生", "です", "。", "「", "コーヒー", "」", "２０２０", "年"});
  CHECK(words(thai, divided) == Words{"ผม", "รัก", "ภาษา", "ไทย"});
  for (const std::string& text : {japanese, thai}) CHECK(join_words(words(text, divided), divided) == text);
  CHECK(words("a b 한국어 좋아요", divided) == words("a b 한국어 좋아요"));

  const auto splits = [](std::vector<std::string_view> lines) { return detect_text_options(lines).split_characters; };
  CHECK(!splits({"私 は 学生 です", "東京 へ 行き ます"}));
  CHECK(!splits({"コンピューター を 使う"}));
  CHECK(!splits({"ผม รัก ภาษา ไทย"}));
  CHECK(splits({"私は日本の学生です。よろしくお願いします。", "東京へ 行きますか", "iPhone を 買いました"}));
  CHECK(splits({"ฉันชื่อสมชาย ผมเป็นนักเรียนที่โรงเรียน"}));
  CHECK(splits({"no such script", "한국어 좋아요", ""}));
  CHECK(splits({}));
  CHECK(splits({"一二三四五六七八九 十"}));  // one blank in nine places
  CHECK(!splits({"一二三四五六七八 九"}));   // one in eight
}

TEST_CASE("scripts: blanks stay where the words would be others without them", "[data]") {
  const std::string text =
      GENERATE(as<std::string>{}, "l' .", "l' \" a", "l' \u20E3", "3 , 5", "3 : 5", "３ ： ５", "! !", ". ..", "😀 😀",
               "🇫 🇷", "« «", "$ $", "/ /", "< \u0338", "\u0600 .", "ก \u0E31", "l' 我");
  CAPTURE(text, join_words(words(text)));
  CHECK(words(join_words(words(text))) == words(text));
}

TEST_CASE("scripts: what was printed reads as the same words", "[data]") {
  const Words pieces = {"a",      "É",      "l",      "qu",     "3",      "３",     "'",  "’",      "-",      ".",
                        ",",      "，",     ":",      "：",     "!",      "！",     "\"", "“",      "”",      "„",
                        "«",      "»",      "(",      ")",      "/",      "_",      "#",  "$",      "&",      "·",
                        "་",      "־",      "״",      " ",      " ",      "\u3000", "我", "あ",     "ー",     "ก",
                        "ั",       "한",     "ᄒ",     "ᅡ",      "क",      "्",       "ි",   "\u0301", "\u0338", "<",
                        "\u200D", "\u200C", "\u180E", "\u00AD", "\u0600", "😀",     "👩", "🏽",     "🇫",      "🇷",
                        "\uFE0F", "\u20E3", "——",     "n't",    "İ",      "J"};
  const TextOptions options{.split_characters = GENERATE(true, false)};
  heed::Generator generator(7);
  int wrong = 0;
  for (int round = 0; round < 20000 && wrong < 5; ++round) {
    std::string text, spaced;
    for (std::int64_t i = generator.uniform_int(12); i >= 0; --i)
      text += pieces[static_cast<std::size_t>(generator.uniform_int(static_cast<std::int64_t>(pieces.size())))];
    const Words first = words(text, options);
    for (const std::string& word : first) spaced += word + " ";
    const std::string printed = join_words(first, options);
    CAPTURE(text, printed, first);
    const bool same_spaced = words(spaced, options) == first, same_printed = words(printed, options) == first;
    if (!same_spaced || !same_printed) ++wrong;
    CHECK(same_spaced);
    CHECK(same_printed);
  }
}

// Real text, where it is at hand: next to a checkout of the project. Nothing may be lost, and of most lines not even a
// blank; the French part keeps typographic blanks before ! ? : ; which join_words leaves out.
TEST_CASE("scripts: data sets", "[data]") {
  const std::filesystem::path data = std::filesystem::path(heed::source_path()).parent_path() / "shared" / "data";
  struct Source {
    std::string reader, files, filter;
    double exact;  // the part of the lines that come back with every blank
  };
  const auto [reader, files, filter, least] = GENERATE(values<Source>({
      {"zcat", "multi30k/val.en.gz multi30k/test_2016_flickr.en.gz", "", 0.99},
      {"zcat", "multi30k/val.de.gz multi30k/test_2016_flickr.de.gz", "", 0.99},
      {"zcat", "multi30k/val.fr.gz multi30k/test_2016_flickr.fr.gz", "", 0.97},
      {"zcat", "tatoeba-fra-eng/fra.txt.gz", "| cut -f1 | awk 'NR%50==3'", 0.99},
      {"zcat", "tatoeba-fra-eng/fra.txt.gz", "| cut -f2 | awk 'NR%50==3'", 0.75},
      {"zcat", "arxiv-cscl-titles/valid.tsv.gz", "| cut -f1-3", 0.6},
      {"zcat", "ud-english-ewt/en_ewt-ud-dev.conllu.gz", "| sed -n 's/^# text = //p'", 0.7},
      {"head -n 3000", "names/names.txt", "", 1.0},
      {"head -n 3000", "tinyshakespeare/input.txt", "", 0.9},
  }));
  std::istringstream names(files);
  for (std::string name; names >> name;)
    if (!std::filesystem::is_regular_file(data / name)) {
      WARN("skipped: there is no " << (data / name).string());
      return;
    }
  const std::string command = reader + " " + files + " " + filter;
  CAPTURE(command);
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(
      ::popen(("cd '" + data.string() + "' && " + command).c_str(), "r"), &::pclose);
  REQUIRE(pipe);
  std::string bytes(std::size_t{1} << 16, '\0'), text;
  for (std::size_t count; (count = std::fread(bytes.data(), 1, bytes.size(), pipe.get())) > 0;)
    text.append(bytes, 0, count);
  int lines = 0, exact = 0, lost = 0, changed = 0;
  for (std::size_t begin = 0, end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    const std::string line = text.substr(begin, end - begin), printed = join_words(words(line)),
                      expected = normalised(line);
    ++lines;
    exact += printed == expected;
    lost += without_blanks(printed) != without_blanks(expected);
    changed += words(printed) != words(line);
  }
  CHECK(lines > 400);
  CHECK(lost == 0);
  CHECK(changed == 0);
  CHECK(exact >= least * lines);
}

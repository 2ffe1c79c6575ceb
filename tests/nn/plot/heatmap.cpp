#include "heed/nn/plot/heatmap.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "heed/nn/plot/svg.h"
#include "heed/tensor/create.h"
#include "heed/tensor/error.h"
#include "nn/plot/svg_bounds.h"
#include "support/catch.h"
#include "support/xml.h"

using namespace heed;
using namespace heed::nn;

namespace {
Heatmap small() {
  return {.title = "a & b",
          .target = {"l'", "été", " "},
          .source = {"the", "<summer>"},
          .weights = tensor({0.25, 0.75, 0.04, 0.96, 0, 1}, {3, 2})};
}
constexpr nn::Terminal file{.utf8 = true};
}  // namespace

TEST_CASE("heatmap: SVG holds every weight and label", "[examples]") {
  Heatmap heatmap = small();
  heatmap.gold = {{0}, {0, 1}, {}};
  const std::string svg = heatmap_svg(heatmap);
  CHECK(test::xml_error(svg) == "");
  CHECK(svg.find("<title>l&apos; → the: 0.250</title>") != std::string::npos);
  CHECK(svg.find("<title>été → &lt;summer&gt;: 0.960</title>") != std::string::npos);
  CHECK(svg.find(">␣</text>") != std::string::npos);
  CHECK(test::occurrences(svg, "<g><title>") == 6);
  CHECK(test::occurrences(svg, "stroke=\"#d55e00\"") == 3);
  CHECK(test::occurrences(svg, "fill=\"#f2f5f9\"") == 1);  // 0
  CHECK(test::occurrences(svg, "fill=\"#08285c\"") == 1);  // 1
}

TEST_CASE("heatmap: short source labels stand upright, long ones slant", "[examples]") {
  Heatmap heatmap = small();
  CHECK(test::occurrences(heatmap_svg(heatmap), "rotate(-60") == 2);
  heatmap.source = {"我", "ab"};
  CHECK(test::occurrences(heatmap_svg(heatmap), "rotate(-60") == 0);
}

TEST_CASE("heatmap: text in a pipe is tenths", "[examples]") {
  CHECK(heatmap_text(small(), file) ==
        "a & b\n"
        "       <\n"
        "       s\n"
        "       u\n"
        "       m\n"
        "       m\n"
        "     t e\n"
        "     h r\n"
        "     e >\n"
        " l'  3 8\n"
        "été  . #\n"
        "  ␣  . #\n");
}

TEST_CASE("heatmap: text follows what the terminal can do", "[examples]") {
  Heatmap heatmap = small();
  heatmap.source = {"我", "b"};
  const std::string head = "a & b\n    我 b\n", ascii = heatmap_text(heatmap, {});
  CHECK(ascii == head + " l'  3 8\nété  . #\n  _  . #\n");
  CHECK(heatmap_text(heatmap, {.interactive = true, .utf8 = true}) == head + " l' ░░▓▓\nété ··██\n  ␣ ··██\n");
  CHECK(heatmap_text(heatmap, {.interactive = true}) == ascii);
  const std::string colour = heatmap_text(heatmap, {.interactive = true, .colour = true, .utf8 = true});
  CHECK(test::occurrences(colour, "\x1B[48;5;") == 6);
  CHECK(test::occurrences(colour, "\x1B[0m") == 6);
  CHECK(colour.find(" l' \x1B[48;5;153m  \x1B[0m\x1B[48;5;20m  \x1B[0m\n") != std::string::npos);
}

TEST_CASE("heatmap: text wider than the terminal continues below", "[examples]") {
  const Heatmap heatmap{.target = {"y"}, .source = std::vector<std::string>(50, "x"), .weights = ones({1, 50})};
  const std::string text = heatmap_text(heatmap, {.width = 45});
  std::size_t longest = 0, begin = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; begin = end + 1, end = text.find('\n', begin))
    longest = std::max(longest, end - begin);
  CHECK(longest == 44);
  CHECK(test::occurrences(text, "#") == 50);
  CHECK(test::occurrences(text, "\n\n") == 2);
}

TEST_CASE("heatmap: long labels and titles stay inside the picture", "[examples]") {
  const std::string long_label = GENERATE(
      as<std::string>{}, "Donaudampfschifffahrtsgesellschaftskapitän", "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW",
      "この文はとても長いのでラベルには入りません", "وبالاستقلاليةالمستخدمينالمتعددين",
      "👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧👨‍"
      "👩"
      "‍"
      "👧"
      "👨"
      "‍👩‍👧👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧");
  const std::int64_t rows = GENERATE(1, 3, 40), columns = GENERATE(1, 3, 200);
  std::string title;
  for (int i = 0; i < 20; ++i) title += long_label + " ";
  const Heatmap heatmap{.title = title,
                        .target = std::vector<std::string>(static_cast<std::size_t>(rows), long_label),
                        .source = std::vector<std::string>(static_cast<std::size_t>(columns), long_label),
                        .weights = zeros({rows, columns}),
                        .target_title = title,
                        .source_title = title};
  const std::string svg = heatmap_svg(heatmap);
  CHECK(test::xml_error(svg) == "");
  CHECK(test::texts_outside(svg) == "");
  const int tooltips = test::occurrences(svg, "\"><title>") + test::occurrences(svg, "'><title>");
  CHECK(test::occurrences(svg, "…</text>") == tooltips);
  CHECK(tooltips >= 3);
  CHECK(test::attribute(svg, "width").size() < 5);
}

TEST_CASE("heatmap: titles longer than the matrix widen the picture before they are cut", "[examples]") {
  const Heatmap heatmap{.target = {"y"},
                        .source = {"x"},
                        .weights = zeros({1, 1}),
                        .target_title = "the words of the target",
                        .source_title = "the words of the source"};
  const std::string svg = heatmap_svg(heatmap);
  CHECK(svg.find("…") == std::string::npos);
  CHECK(test::texts_outside(svg) == "");
}

TEST_CASE("heatmap: labels of several code points a column", "[examples]") {
  const Heatmap heatmap{.target = {"y"}, .source = {"e\u0301a", "👨‍👩‍👧"}, .weights = zeros({1, 2})};
  CHECK(heatmap_text(heatmap, file) == "   e\u0301\n   a👨‍👩‍👧\ny  . .\n");
}

namespace {

// A label between the marks that keep the order of what stands beside it.
std::string marked(const std::string& label) { return "\u200E" + label + "\u200E"; }

}  // namespace

TEST_CASE("heatmap: rows and columns keep their order beside letters written from right to left", "[examples]") {
  // Without the marks a terminal that knows both directions shows the columns as ה, ש and the row's numbers first.
  const Heatmap heatmap{
      .target = {"שלום", "y"}, .source = {"ש", "ה", "x"}, .weights = tensor({0.1, 0.2, 0.3, 0.4, 0.5, 0.6}, {2, 3})};
  CHECK(heatmap_text(heatmap, file) ==
        "     " + (" " + marked("ש")) + " " + marked("ה") + " x\n" + marked("שלום") + "  1 2 3\n   y  4 5 6\n");
  CHECK(heatmap_svg(heatmap).find("<title>" + marked("שלום") + " → " + marked("ה") + ": 0.200</title>") !=
        std::string::npos);
  for (const char* label : {"٣", "ܫ", "ދ"}) {  // Arabic numbers, Syriac, Thaana
    CAPTURE(label);
    CHECK(heatmap_text({.target = {label}, .source = {"x"}, .weights = zeros({1, 1})}, file) ==
          "   x\n" + marked(label) + "  .\n");
  }
}

TEST_CASE("heatmap: no label turns the direction of what stands behind it", "[examples]") {
  for (const std::string control : {"\u202A", "\u202B", "\u202D", "\u202E", "\u2066", "\u2067", "\u2068"}) {
    const Heatmap heatmap{.title = control, .target = {control + "y"}, .source = {control}, .weights = zeros({1, 1})};
    CHECK(heatmap_text(heatmap, file) == "\uFFFD\n    \uFFFD\n\uFFFDy  .\n");
    CHECK(heatmap_svg(heatmap).find("<title>\uFFFDy → \uFFFD: 0.000</title>") != std::string::npos);
  }
}

TEST_CASE("heatmap: every row is as wide as every other in any script", "[examples]") {
  Heatmap heatmap{.source = {"a", "b", "c"}};
  heatmap.target = {"猫",         "ねこ", "고양이", "ﻗﻄﺔ",    "قطة",      "बिल्ली",     "แมว", "cão", "ca\u0303o",
                    "🐈‍⬛", "🇩🇪",   "ÿ",      "\u0301", "x\u200Dy", "\u202Eabc", "ﷺ",   "Ǆ",   "ｆｕｌｌ"};
  heatmap.weights = zeros({static_cast<std::int64_t>(heatmap.target.size()), 3});
  const std::string text = heatmap_text(heatmap, file);
  std::set<int> widths;
  for (std::size_t begin = text.find('\n') + 1, end = text.find('\n', begin); end != std::string::npos;
       begin = end + 1, end = text.find('\n', begin))
    widths.insert(display_width(text.substr(begin, end - begin)));
  CHECK(widths.size() == 1);
  // And as columns: one line for each cluster, two columns for each word.
  std::swap(heatmap.source, heatmap.target);
  heatmap.weights = zeros({3, static_cast<std::int64_t>(heatmap.source.size())});
  const std::string down = heatmap_text(heatmap, file);
  for (std::size_t begin = 0, end = down.find('\n'); end != std::string::npos;
       begin = end + 1, end = down.find('\n', begin))
    CHECK(display_width(down.substr(begin, end - begin)) <= 2 + 2 * static_cast<int>(heatmap.source.size()));
}

TEST_CASE("heatmap: labels are data in text and tooltips alike", "[examples]") {
  for (const std::string token : {"\" onmouseover=\"x", "<s>", "&amp;", "a'b"}) {
    const Heatmap heatmap{.target = {"y"}, .source = {token}, .weights = zeros({1, 1})};
    const std::string svg = heatmap_svg(heatmap), escaped = xml_text(token);
    CHECK(test::xml_error(svg) == "");
    CHECK(svg.find(">" + escaped + "</text>") != std::string::npos);
    CHECK(svg.find("<title>y → " + escaped + ": 0.000</title>") != std::string::npos);
    CHECK(escaped.find_first_of("<>\"'") == std::string::npos);
  }
}

TEST_CASE("heatmap: hostile labels neither move the cursor nor break the picture", "[examples]") {
  Heatmap heatmap = small();
  heatmap.title = heatmap.source[0] = heatmap.target[1] = "\x1B[2J\r\"><script>\xFF";
  CHECK(test::xml_error(heatmap_svg(heatmap)) == "");
  CHECK(heatmap_text(heatmap, file).find_first_of("\x1B\r") == std::string::npos);
}

TEST_CASE("heatmap: empty, one cell, strided, f64, NaN, out of range", "[examples]") {
  CHECK(test::xml_error(heatmap_svg({.weights = empty({0, 0})})) == "");
  CHECK(heatmap_text({.weights = empty({0, 0})}, file).empty());
  CHECK(heatmap_text({.target = {"y"}, .source = {"x"}, .weights = tensor({0.5}, {1, 1}, DType::f64)}, file) ==
        "   x\ny  5\n");

  const Tensor weights = tensor({0.1, 0.2, 0.3, 0.4}, {2, 2});
  const Tensor transposed(weights.storage(), {2, 2}, {1, 2}, 0, DType::f32);
  CHECK(heatmap_text({.target = {"a", "b"}, .source = {"x", "y"}, .weights = transposed}, file) ==
        "   x y\na  1 3\nb  2 4\n");

  const Heatmap odd{.target = {"y"}, .source = {"a", "b", "c"}, .weights = tensor({std::nan(""), -1, 7}, {1, 3})};
  CHECK(heatmap_text(odd, file) == "   a b c\ny  ? . #\n");
  CHECK(heatmap_svg(odd).find("#f2c14e") != std::string::npos);
  CHECK(test::xml_error(heatmap_svg(odd)) == "");
  Heatmap scaled{.target = {"y"}, .source = {"a"}, .weights = tensor({0.02}, {1, 1}), .maximum = 0.04};
  CHECK(heatmap_text(scaled, file) == "   a\ny  5\n");
}

TEST_CASE("heatmap: sizes that do not fit are refused", "[examples]") {
  Heatmap heatmap = small();
  heatmap.source.pop_back();
  CHECK_THROWS_AS(heatmap_svg(heatmap), ShapeError);
  CHECK_THROWS_AS(heatmap_text(heatmap, file), ShapeError);
  heatmap = small();
  heatmap.weights = {};
  CHECK_THROWS_AS(heatmap_svg(heatmap), ShapeError);
  heatmap = small();
  heatmap.gold = {{0}};
  CHECK_THROWS_AS(heatmap_svg(heatmap), ShapeError);
  heatmap.gold = {{0}, {2}, {}};
  CHECK_THROWS_AS(heatmap_svg(heatmap), IndexError);
  heatmap = small();
  heatmap.weights = zeros({3, 2}, DType::i64);
  CHECK_THROWS_AS(heatmap_svg(heatmap), DTypeError);
}

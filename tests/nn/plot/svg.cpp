#include "heed/nn/plot/svg.h"

#include "heed/tensor/error.h"
#include "heed/tensor/random/random.h"
#include "support/catch.h"
#include "support/temporary_folder.h"
#include "support/xml.h"

using namespace heed;
using namespace heed::nn;

TEST_CASE("svg: text is escaped", "[examples]") {
  CHECK(xml_text("a<b> & \"c\" 'd'") == "a&lt;b&gt; &amp; &quot;c&quot; &apos;d&apos;");
  CHECK(xml_text("\x1B\0x\xFF") == "\uFFFD");  // the literal ends at its first NUL
  CHECK(xml_text("\xFF\uFFFE\uFFFFé") == "\uFFFD\uFFFD\uFFFDé");
}

TEST_CASE("svg: random bytes stay text", "[examples]") {
  Generator generator(1);
  for (int round = 0; round < 500; ++round) {
    std::string bytes;
    for (std::int64_t i = generator.uniform_int(40); i > 0; --i) bytes += static_cast<char>(generator.uniform_int(256));
    const std::string document = svg_document(10, 10, bytes, svg_text(1, 2, bytes));
    CHECK(test::xml_error(document) == "");
  }
}

TEST_CASE("svg: the documents carry their size and sheet", "[examples]") {
  const std::string document = svg_document(320, 200, "title", svg_line(0, 0, 1, 1, "stroke='red'"));
  CHECK(document.starts_with(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"320\" height=\"200\" viewBox=\"0 0 320 200\""));
  CHECK(document.find("<rect width=\"320\" height=\"200\" rx=\"6\" fill=\"#fff\"/>") != std::string::npos);
  CHECK(document.find("<title>title</title>") != std::string::npos);
  CHECK(svg_text(1, 2, "x", {.angle = -60}).find("rotate(-60 1.0 2.0)") != std::string::npos);
}

TEST_CASE("svg: one's own pictures may be replaced, and no other file", "[examples]") {
  const test::TemporaryFolder folder;
  check_replaceable_picture(folder.path() / "missing");
  check_replaceable_picture(folder.write("long", svg_document(10, 10, std::string(3000, 'x'), "")));
  for (const char* other : {"", "<svg></svg>"}) {
    const auto path = folder.write("other", other);
    CHECK(test::message_of<FormatError>([&] { check_replaceable_picture(path); }) ==
          path.string() +
              ": would be replaced, but is no picture of this program: move it away or choose another --out");
  }
}

TEST_CASE("svg: the width of text follows its characters", "[examples]") {
  CHECK(text_width("", 10) == 0);
  CHECK(text_width("abcd", 10) == Approx(2 * text_width("ab", 10)));
  CHECK(text_width("ab", 20) == Approx(2 * text_width("ab", 10)));
  CHECK(text_width("ab", 10, true) > text_width("ab", 10));
  CHECK(text_width("e\u0301", 10) == text_width("e", 10));
  CHECK(text_width("👨‍👩‍👧", 10) == text_width("😀", 10));
  // Advance widths of DejaVu Sans in thousandths of the size; the estimate is no less and not half as much again.
  const std::vector<std::pair<std::string, double>> widths{{"WWWWWWWW", 7911}, {"constitution", 6470}, {"MMMM", 3452},
                                                           {"illicit", 2399},  {"0123456789", 6362},   {"我们", 2000}};
  for (const auto& [text, width] : widths) {
    CAPTURE(text);
    CHECK(text_width(text, 1000) >= width);
    CHECK(text_width(text, 1000) <= 1.5 * width);
  }
}

TEST_CASE("svg: text that is wider than its room is cut, and its tooltip is all of it", "[examples]") {
  const std::string text = "a \"long\" <e\u0301e\u0301e\u0301>";
  CHECK(svg_text(0, 0, text).find("<title>") == std::string::npos);
  CHECK(svg_text(0, 0, text, {.max_width = text_width(text, 12)}).find("<title>") == std::string::npos);
  const std::string cut = svg_text(0, 0, text, {.max_width = text_width(text, 12) - 1});
  CHECK(cut.find("><title>a &quot;long&quot; &lt;e\u0301e\u0301e\u0301&gt;</title>a &quot;long&quot; "
                 "&lt;e\u0301e\u0301…</text>") != std::string::npos);
  CHECK(svg_text(0, 0, text, {.max_width = 0}).find("</title>…</text>") != std::string::npos);
  CHECK(test::xml_error(svg_document(10, 10, "t", cut)) == "");
}

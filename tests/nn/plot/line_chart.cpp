#include "heed/nn/plot/line_chart.h"

#include <limits>

#include "nn/plot/svg_bounds.h"
#include "support/catch.h"
#include "support/xml.h"

using namespace heed;
using namespace heed::nn;

namespace {
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN(),
                 infinity = std::numeric_limits<double>::infinity();

bool has(const std::string& svg, const std::string& part) { return svg.find(part) != std::string::npos; }
}  // namespace

TEST_CASE("line chart: two series, a reference, titles, legend and ticks", "[examples]") {
  const std::string svg =
      line_chart_svg({.title = "loss & <co>",
                      .series = {{"train", {{0, 5}, {50, 2}, {100, 1}}}, {"valid", {{50, 3}, {100, 2}}}},
                      .reference = ReferenceLine{"unigram", 4.5}});
  CHECK(test::xml_error(svg) == "");
  for (const std::string text :
       {"loss &amp; &lt;co&gt;", "step", "loss", "train", "valid", "unigram 4.5", "0", "20", "100", "1", "5"})
    CHECK(has(svg, ">" + text + "</text>"));
  CHECK(test::occurrences(svg, "<path ") == 2);
  CHECK(test::occurrences(svg, "stroke-dasharray") == 2);  // in the legend and across the chart
  // x: 0 … 100 on pixels 84 … 684; y: 1 … 5 and 4 % room on pixels 344 … 69.
  CHECK(has(svg, "d=\"M84.0 79.2L384.0 270.2L684.0 333.8\""));
}

TEST_CASE("line chart: a point that is not finite interrupts the line; a point alone is a dot", "[examples]") {
  const std::string svg = line_chart_svg(
      {.series = {
           {"a", {{0, 1}, {1, 2}, {2, not_a_number}, {3, 1}, {4, infinity}, {5, 2}, {6, 1}, {not_a_number, 1}}}}});
  const std::size_t begin = svg.find("d=\"M"), end = svg.find('"', begin + 3);
  const std::string path = svg.substr(begin, end - begin);
  CHECK(test::occurrences(path, "M") == 3);
  CHECK(test::occurrences(path, "L") == 2);
  CHECK(test::occurrences(svg, "<circle") == 1);
  CHECK(!has(svg, "nan"));
  CHECK(!has(svg, "inf"));
}

TEST_CASE("line chart: nothing, one point, flat, huge and tiny values still make a chart", "[examples]") {
  const std::vector<Point> points =
      GENERATE(std::vector<Point>{}, std::vector<Point>{{3, 3}}, std::vector<Point>{{0, 2}, {9, 2}},
               std::vector<Point>{{0, 1e299}, {1, -1e299}}, std::vector<Point>{{0, 1e-300}, {1, 2e-300}},
               std::vector<Point>{{1e9, 1}, {2e9, 1e12}}, std::vector<Point>{{not_a_number, not_a_number}});
  const std::string svg = line_chart_svg({.series = {{"a", points}}});
  CHECK(test::xml_error(svg) == "");
  CHECK(!has(svg, "nan"));
  CHECK(!has(svg, "inf"));
  CHECK(test::occurrences(svg, "text-anchor=\"end\"") >= 2);  // labels of the y axis
  CHECK(test::occurrences(svg, "text-anchor=\"end\"") <= 12);
  CHECK(test::xml_error(line_chart_svg({.reference = ReferenceLine{"r", not_a_number}})) == "");
}

TEST_CASE("line chart: a long series is thinned, its extremes kept", "[examples]") {
  Series series{"long", {}};
  for (int i = 0; i < 100000; ++i) series.points.push_back({static_cast<double>(i), i == 54321 ? 9.0 : i % 7 * 0.1});
  const std::string svg = line_chart_svg({.series = {series}});
  CHECK(svg.size() < 30000);
  CHECK(test::occurrences(svg, "L") > 900);
  CHECK(has(svg, " 56.1L"));  // the single 9, at 4 % of the height below the upper end of the axis
  series.points.resize(1000);
  CHECK(test::occurrences(line_chart_svg({.series = {series}}), "L") == 999);
}

TEST_CASE("line chart: long names, titles and numbers stay inside the picture", "[examples]") {
  std::string long_name =
      GENERATE(as<std::string>{}, "train", "validation loss of the second model", "検証損失の平均値");
  const int series = GENERATE(1, 3, 40), repeats = GENERATE(1, 30);
  LineChart chart;
  std::string name;
  for (int i = 0; i < repeats; ++i) name += long_name + " ";
  chart.title = chart.x_title = chart.y_title = name;
  for (int i = 0; i < series; ++i)
    chart.series.push_back({name + std::to_string(i), {{0, 9999999.000001}, {100, 9999999.000002}}});
  chart.reference = ReferenceLine{name, 9999999.0000015};
  const std::string svg = line_chart_svg(chart);
  CHECK(test::xml_error(svg) == "");
  CHECK(test::texts_outside(svg) == "");
  CHECK(test::occurrences(svg, "<path ") == series);
}

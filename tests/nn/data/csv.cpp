// Tables of numbers: what is read, and that what is wrong is named with file, line and column.
#include "heed/nn/data/csv.h"

#include "heed/tensor/error.h"
#include "heed/tensor/random/random.h"
#include "support/array.h"
#include "support/catch.h"
#include "support/hostile_locale.h"
#include "support/refused.h"
#include "support/temporary_folder.h"

using namespace heed;
using namespace heed::nn;
using Numbers = std::vector<double>;
using test::refused;

namespace {

CsvTable table_of(std::string_view bytes, const CsvOptions& options = {}) { return parse_csv(bytes, "a.csv", options); }

std::string refusal(std::string_view bytes, const CsvOptions& options = {}) {
  return refused<FormatError>([&] { table_of(bytes, options); });
}

std::string number_refusal(std::string_view bytes, DType dtype = DType::f32) {
  return refused<FormatError>([&] { table_of(bytes).matrix(dtype); });
}

Numbers numbers(const Tensor& x) { return test::to_array(x).numbers; }

}  // namespace

TEST_CASE("csv: columns by name, beside columns of text, as the time series come", "[nn][data][csv]") {
  const CsvTable table = table_of("\"Month\",\"Passengers\"\r\n\"1949-01\",112\r\n\"1949-02\",118.5");
  CHECK(table.names() == std::vector<std::string>{"Month", "Passengers"});
  CHECK(table.rows() == 2);
  CHECK(table.columns() == 2);
  CHECK(table.text(1, 0) == "1949-02");
  const Tensor passengers = table.numbers("Passengers");
  CHECK(passengers.shape() == Shape{2});
  CHECK(passengers.dtype() == DType::f32);
  CHECK(numbers(passengers) == Numbers{112, 118.5});
  CHECK(table.numbers("Passengers", DType::f64).dtype() == DType::f64);
  CHECK(table.summary() == "a.csv: read and kept 2 rows of 2 columns, named by a header; dropped nothing");
  CHECK(refused<IndexError>([&] { table.numbers("Temp"); }) ==
        "a.csv: csv: no column 'Temp'; there are Month, Passengers");
  CHECK(refused<DTypeError>([&] { table.numbers("Passengers", DType::i64); }) ==
        "csv: numbers of dtype i64, expected f32 or f64");
  CHECK_THROWS_AS(table.text(2, 0), IndexError);
  CHECK_THROWS_AS(table.matrix({0, 2}), IndexError);
}

TEST_CASE("csv: with a header and without", "[nn][data][csv]") {
  const CsvTable iris = table_of("5.1,3.5,Iris-setosa\n\n4.9,3.0,Iris-setosa\n  \n");
  CHECK(iris.names().empty());
  CHECK(numbers(iris.matrix({1, 0}, DType::f64)) == Numbers{3.5, 5.1, 3.0, 4.9});
  CHECK(iris.summary() == "a.csv: read and kept 2 rows of 3 columns, no header; dropped 2 blank lines");
  CHECK(table_of("a,b\n1,2\n", {.header = false}).rows() == 2);
  CHECK(table_of("1,2\n3,4\n", {.header = true}).names() == std::vector<std::string>{"1", "2"});
  CHECK(table_of("a;b\n1;2\n", {.separator = ';'}).columns() == 2);
  CHECK(refused<IndexError>([&] { iris.column("a"); }) == "a.csv: csv: no column 'a'; there are no names");
}

TEST_CASE("csv: a first line with a missing value, or a number that is none, names nothing", "[nn][data][csv]") {
  for (const std::string field : {"NaN", "nan", "", "  ", "1e400", "-inf", "5"}) {
    CAPTURE(field);
    const CsvTable table = table_of("2020-01," + field + "\n2020-02,5\n");
    CHECK(table.names().empty());
    CHECK(table.rows() == 2);
  }
  CHECK(table_of("month,n\n2020-01,NaN\n").names() == std::vector<std::string>{"month", "n"});
  CHECK(table_of(",n\n0,1\n", {.header = true}).names() == std::vector<std::string>{"", "n"});
}

TEST_CASE("csv: a row of empty fields is a row, whatever parts them", "[nn][data][csv]") {
  CHECK(table_of("1,2\n,\n\n").rows() == 2);
  CHECK(table_of("1\t2\n\t\n \n", {.separator = '\t'}).rows() == 2);
}

TEST_CASE("csv: quotation marks, blanks, signs, exponents", "[nn][data][csv]") {
  const CsvTable table = table_of("1,\"x, y\"\n2,\"say \"\"y\"\"\"\n3,\n4,\"\"\n");  // trap D2
  CHECK(table.columns() == 2);
  CHECK(table.text(0, 1) == "x, y");
  CHECK(table.text(1, 1) == "say \"y\"");
  CHECK(table.text(2, 1).empty());
  CHECK(numbers(table_of(" 1 ,\"2\",\t+3\n-4,5e2,.5\n").matrix()) == Numbers{1, 2, 3, -4, 500, 0.5});
}

TEST_CASE("csv: a byte-order mark is no part of the first name", "[nn][data][csv]") {  // trap D4
  const CsvTable table = table_of("\uFEFFid,x\n1,2\n");
  CHECK(table.column("id") == 0);
  CHECK(numbers(table.numbers("id")) == Numbers{1});
  CHECK(table_of("\uFEFF\"id\",x\n1,2\n").column("id") == 0);
}

TEST_CASE("csv: numbers do not follow the locale", "[nn][data][csv]") {
  const test::HostileLocale hostile;
  CHECK(numbers(table_of("1234.5,1e3\n").matrix()) == Numbers{1234.5, 1000});
  CHECK(refused<FormatError>([] { table_of("x;y\n1,5;2\n", {.separator = ';'}).matrix(); }) ==
        "a.csv:2:1: csv: column 'x': '1,5' is not a number");
}

TEST_CASE("csv: a field that is no number is named with line and column", "[nn][data][csv]") {
  CHECK(number_refusal("a,b\n1,2\n\n3, n/a\n") == "a.csv:4:3: csv: column 'b': ' n/a' is not a number");
  CHECK(number_refusal("1,2\n3,\n") == "a.csv:2:3: csv: column 1: '' is empty: a missing value");
  CHECK(number_refusal("1,2\n\"\",3\n") == "a.csv:2:1: csv: column 0: '' is empty: a missing value");
  CHECK(number_refusal("1\nnan\n") == "a.csv:2:1: csv: column 0: 'nan' is not a finite number");
  CHECK(number_refusal("1\n-inf\n") == "a.csv:2:1: csv: column 0: '-inf' is not a finite number");
  CHECK(number_refusal("1\n0x10\n") == "a.csv:2:1: csv: column 0: '0x10' is not a number");
  CHECK(number_refusal("1\n1 2\n") == "a.csv:2:1: csv: column 0: '1 2' is not a number");
  CHECK(number_refusal("1\n+-2\n") == "a.csv:2:1: csv: column 0: '+-2' is not a number");
  CHECK(number_refusal("1\n1e39\n") == "a.csv:2:1: csv: column 0: '1e39' is beyond what the dtype can hold");
  CHECK(number_refusal("1\n1e39\n", DType::f64) == "(nothing was thrown)");
  CHECK(number_refusal("1\n1e309\n", DType::f64) ==
        "a.csv:2:1: csv: column 0: '1e309' is beyond what the dtype can hold");
}

TEST_CASE("csv: rows that do not fit are refused", "[nn][data][csv]") {
  CHECK(refusal("a,b\n1,2\n3\n") == "a.csv:3:1: csv: 1 fields, expected 2 as in the lines before");
  CHECK(refusal("a,b\n1,2,\n") == "a.csv:2:5: csv: 3 fields, expected 2 as in the lines before");
  CHECK(refusal("1,\"2\n3,4\n") == "a.csv:1:3: csv: the quotation mark is not closed on its line");
  CHECK(refusal("1,\"2\"x\n") == "a.csv:1:6: csv: something stands behind the closing quotation mark");
  CHECK(refusal("a,b,a\n1,2,3\n") == "a.csv:1:5: csv: a second column 'a'");
  CHECK(refusal("") == "a.csv: csv: no rows in the file");
  CHECK(refusal("a,b\n") == "a.csv: csv: no rows in the file");
  CHECK(refusal("1,2,3\n", {.max_columns = 2}) == "a.csv:1:5: csv: more than 2 fields");
  CHECK(refusal("1,\xE9\n") == "a.csv:1: not UTF-8: byte 3 of the line is 0xe9");
  CHECK(refusal("\x1F\x8B\x08") == "a.csv: is a gzip file: decompress it first (gunzip)");
  CHECK(refusal("<html>\n<body x=1,2>\n") ==
        "a.csv: it is a web page or XML: the server has answered with a page in place of the file");
  CHECK_THROWS_AS(table_of("1\n", {.separator = '"'}), Error);
}

TEST_CASE("csv: cut anywhere or changed at random, a table or a FormatError", "[nn][data][csv]") {
  const std::string whole = "\"Month\",\"Sunspots\"\r\n\"1749-01\",58.0\r\n\"1749-02\",62.6\r\n\"1749-03\",70\r\n";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string message = refusal(whole.substr(0, size));
    const bool fits = message == "(nothing was thrown)" || message.starts_with("a.csv:");
    CHECK(fits);
  }
  Generator random(4);
  int read = 0, refusals = 0;
  for (int round = 0; round < 5000; ++round) {
    std::string bytes = whole;
    for (std::int64_t changes = 1 + random.uniform_int(3); changes > 0; --changes)
      bytes[to_size(random.uniform_int(static_cast<std::int64_t>(bytes.size())))] =
          std::string_view("\"\",,\n\r\t x1.-e+\0\xff", 17)[to_size(random.uniform_int(17))];
    try {
      table_of(bytes).numbers("Sunspots");
      ++read;
    } catch (const FormatError&) {
      ++refusals;
    } catch (const IndexError&) {  // the name itself was hit
      ++refusals;
    }
  }
  CHECK(read > 100);
  CHECK(refusals > 1000);
}

TEST_CASE("csv: from a path", "[nn][data][csv]") {
  const test::TemporaryFolder folder;
  CHECK(numbers(read_csv(folder.write("a.csv", "x\n1\n2\n")).numbers("x")) == Numbers{1, 2});
  CHECK_THROWS_AS(read_csv(folder.path() / "none"), IoError);
}

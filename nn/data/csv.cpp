#include "heed/nn/data/csv.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <set>
#include <system_error>

#include "heed/nn/train/terminal.h"
#include "heed/tensor/create.h"
#include "heed/tensor/error.h"
#include "heed/tensor/ops/movement.h"

namespace heed::nn {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  return first == text.npos ? std::string_view() : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// The number that all of `text` is, or why it is none. from_chars follows no locale.
struct Parsed {
  double value = 0;
  std::string_view fault = {};
};

constexpr std::string_view not_a_number = "is not a number";

template <class T>
Parsed parse_number(std::string_view text) {
  text = trimmed(text);
  if (text.empty()) return {0, "is empty: a missing value"};
  if (text.starts_with('+') && text.size() > 1 && text[1] != '-') text.remove_prefix(1);
  T value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) return {0, "is beyond what the dtype can hold"};
  if (error != std::errc() || end != text.data() + text.size()) return {0, not_a_number};
  if (!std::isfinite(value)) return {0, "is not a finite number"};
  return {static_cast<double>(value)};
}

/// Text, as the name of a column is; neither a number, one that cannot be held or is none (NaN), nor a missing value.
bool is_text(std::string_view text) { return parse_number<double>(text).fault == not_a_number; }

std::string in_quotes(std::string_view text) { return "'" + shortened(text, 40) + "'"; }

}  // namespace

/// Fills a table line by line.
class CsvParser {
 public:
  CsvParser(const std::string& file, const CsvOptions& options) : options_(options) {
    if (options.separator == '"' || options.separator == '\r' || options.separator == '\n')
      throw Error("csv: the separator is a quotation mark or the end of a line");
    table_.file_ = file;
  }

  bool take(std::int64_t number, std::string_view line) {
    line_ = number;
    if (trimmed(line).empty() && line.find(options_.separator) == line.npos) {
      ++blank_;
      return true;
    }
    const std::size_t before = table_.fields_.size(), text_before = table_.text_.size();
    split(line);
    const auto count = static_cast<std::int64_t>(table_.fields_.size() - before);
    if (table_.columns_ == 0) {
      table_.columns_ = count;
      if (is_header()) {
        take_names();
        table_.fields_.resize(before);
        table_.text_.resize(text_before);
        return true;
      }
    }
    if (count != table_.columns_)
      refuse(static_cast<std::size_t>(table_.fields_.back().place) - 1,
             fmt::format("{} fields, expected {} as in the lines before", count, table_.columns_));
    table_.line_numbers_.push_back(number);
    return true;
  }

  CsvTable finish() {
    if (table_.line_numbers_.empty()) throw FormatError(fmt::format("{}: csv: no rows in the file", table_.file_));
    const auto lines = [](std::int64_t n, std::string_view what) {
      return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
    };
    table_.summary_ =
        fmt::format("{}: read and kept {} of {}{}", table_.file_, lines(table_.rows(), "row"),
                    lines(table_.columns_, "column"), table_.names_.empty() ? ", no header" : ", named by a header");
    table_.summary_ += blank_ ? fmt::format("; dropped {}", lines(blank_, "blank line")) : "; dropped nothing";
    return std::move(table_);
  }

 private:
  void split(std::string_view line) {
    for (std::size_t at = 0, count = 0;; ++at) {  // a separator at the end has one more field, an empty one, behind it
      const std::size_t begin = table_.text_.size(), place = at;
      at = line.substr(at).starts_with('"') ? take_quoted(line, at) : take_plain(line, at);
      table_.fields_.push_back({begin, table_.text_.size(), static_cast<std::int64_t>(place + 1)});
      if (static_cast<std::int64_t>(++count) > options_.max_columns)
        refuse(place, fmt::format("more than {} fields", options_.max_columns));
      if (at == line.size()) return;
    }
  }

  std::size_t take_plain(std::string_view line, std::size_t at) {
    const std::size_t end = std::min(line.find(options_.separator, at), line.size());
    table_.text_.append(line.substr(at, end - at));
    return end;
  }

  /// The field whose opening mark stands at `at`; returns where the separator behind it stands, or the line ends.
  std::size_t take_quoted(std::string_view line, std::size_t at) {
    for (std::size_t from = at + 1;;) {
      const std::size_t mark = line.find('"', from);
      if (mark == line.npos) refuse(at, "the quotation mark is not closed on its line");
      table_.text_.append(line.substr(from, mark - from));
      from = mark + 1;
      if (from == line.size() || line[from] == options_.separator) return from;
      if (line[from] != '"') refuse(from, "something stands behind the closing quotation mark");
      table_.text_ += '"';
      ++from;
    }
  }

  std::string_view field(std::size_t i) const {
    const auto& field = table_.fields_[i];
    return std::string_view(table_.text_).substr(field.begin, field.end - field.begin);
  }

  bool is_header() const {
    if (options_.header) return *options_.header;
    for (std::size_t i = 0; i < table_.fields_.size(); ++i)
      if (!is_text(field(i))) return false;
    return true;
  }

  void take_names() {
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < table_.fields_.size(); ++i) {
      const std::string_view name = trimmed(field(i));
      if (!seen.insert(name).second)
        refuse(static_cast<std::size_t>(table_.fields_[i].place) - 1,
               fmt::format("a second column {}", in_quotes(name)));
      table_.names_.emplace_back(name);
    }
  }

  [[noreturn]] void refuse(std::size_t at, std::string_view reason) const {
    throw FormatError(fmt::format("{}:{}:{}: csv: {}", table_.file_, line_, at + 1, reason));
  }

  const CsvOptions& options_;
  CsvTable table_;
  std::int64_t line_ = 0, blank_ = 0;
};

std::int64_t CsvTable::column(std::string_view name) const {
  const auto found = std::ranges::find(names_, name);
  if (found != names_.end()) return found - names_.begin();
  constexpr std::size_t listed = 20;
  const std::vector<std::string> first(names_.begin(),
                                       names_.begin() + static_cast<std::ptrdiff_t>(std::min(listed, names_.size())));
  throw IndexError(
      fmt::format("{}: csv: no column {}; there are {}{}", file_, in_quotes(name),
                  names_.empty() ? std::string("no names") : printable(fmt::format("{}", fmt::join(first, ", "))),
                  names_.size() > listed ? ", …" : ""));
}

const CsvTable::Field& CsvTable::field(std::int64_t row, std::int64_t column) const {
  if (row < 0 || row >= rows() || column < 0 || column >= columns_)
    throw IndexError(fmt::format("{}: csv: row {}, column {} of {} x {}", file_, row, column, rows(), columns_));
  return fields_[static_cast<std::size_t>(row * columns_ + column)];
}

std::string_view CsvTable::text(std::int64_t row, std::int64_t column) const {
  const Field& found = field(row, column);
  return std::string_view(text_).substr(found.begin, found.end - found.begin);
}

double CsvTable::number(std::int64_t row, std::int64_t column, DType dtype) const {
  const std::string_view written = text(row, column);
  const Parsed parsed = dtype == DType::f32 ? parse_number<float>(written) : parse_number<double>(written);
  if (parsed.fault.empty()) return parsed.value;
  const std::string name =
      names_.empty() ? std::to_string(column) : in_quotes(names_[static_cast<std::size_t>(column)]);
  throw FormatError(fmt::format("{}:{}:{}: csv: column {}: {} {}", file_, line_numbers_[static_cast<std::size_t>(row)],
                                field(row, column).place, name, in_quotes(written), parsed.fault));
}

Tensor CsvTable::matrix(const std::vector<std::int64_t>& columns, DType dtype) const {
  if (!is_float(dtype)) throw DTypeError(fmt::format("csv: numbers of dtype {}, expected f32 or f64", name(dtype)));
  for (const std::int64_t column : columns) field(0, column);
  Tensor table = empty({rows(), static_cast<std::int64_t>(columns.size())}, dtype, "csv");
  dispatch_float("csv", dtype, [&]<class T> {
    T* to = table.mutable_data<T>();
    for (std::int64_t row = 0; row < rows(); ++row)
      for (const std::int64_t column : columns) *to++ = static_cast<T>(number(row, column, dtype));
  });
  return table;
}

Tensor CsvTable::numbers(std::string_view name, DType dtype) const {
  return reshape(matrix(std::vector<std::int64_t>{column(name)}, dtype), {rows()});
}

Tensor CsvTable::matrix(DType dtype) const {
  std::vector<std::int64_t> all(static_cast<std::size_t>(columns_));
  std::iota(all.begin(), all.end(), 0);
  return matrix(all, dtype);
}

CsvTable read_csv(const std::string& path, const CsvOptions& options) {
  CsvParser parser(path, options);
  read_lines(path, options.lines,
             [&](std::int64_t number, std::string_view line) { return parser.take(number, line); });
  return parser.finish();
}

CsvTable parse_csv(std::string_view bytes, const std::string& name, const CsvOptions& options) {
  CsvParser parser(name, options);
  parse_lines(bytes, name, options.lines,
              [&](std::int64_t number, std::string_view line) { return parser.take(number, line); });
  return parser.finish();
}

}  // namespace heed::nn

// Comma-separated values (RFC 4180): tables of numbers, and the columns of text that stand beside them.
//
//   const CsvTable table = read_csv("monthly-sunspots.csv");
//   const Tensor sunspots = table.numbers("Sunspots");      // f32 [2820]
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "heed/nn/data/lines.h"
#include "heed/tensor/tensor.h"

namespace heed::nn {

struct CsvOptions {
  /// Whether the first line names the columns; when not said, it does if all of its fields are text: none is empty, a
  /// number of any size, NaN or infinity.
  std::optional<bool> header = {};
  char separator = ',';
  std::int64_t max_columns = 10'000;
  LineLimits lines = {};
};

class CsvTable {
 public:
  std::int64_t rows() const { return static_cast<std::int64_t>(line_numbers_.size()); }
  std::int64_t columns() const { return columns_; }
  /// Of the columns; empty without a header.
  const std::vector<std::string>& names() const { return names_; }
  /// IndexError, which lists the names there are, for another one.
  std::int64_t column(std::string_view name) const;

  /// A field as text, without the marks around it. IndexError outside the table.
  std::string_view text(std::int64_t row, std::int64_t column) const;

  /// A column as numbers [rows], or several side by side [rows, n], or all of them [rows, columns]. FormatError
  /// ("FILE:LINE:COLUMN: …", the column counted in bytes from 1) for a field that is no number: text, nothing at all (a
  /// missing value has no number that could stand for it), NaN, infinity, or what the dtype cannot hold. IndexError for
  /// a column that is not there, DTypeError unless the dtype is a float.
  Tensor numbers(std::string_view name, DType dtype = DType::f32) const;
  Tensor matrix(const std::vector<std::int64_t>& columns, DType dtype = DType::f32) const;
  Tensor matrix(DType dtype = DType::f32) const;

  /// One sentence: what was read, kept and dropped.
  const std::string& summary() const { return summary_; }

 private:
  friend class CsvParser;
  struct Field {
    std::size_t begin, end;  // in text_
    std::int64_t place;      // the byte of its line it begins at, from 1
  };

  const Field& field(std::int64_t row, std::int64_t column) const;
  double number(std::int64_t row, std::int64_t column, DType dtype) const;

  std::string file_, text_, summary_;
  std::vector<std::string> names_;
  std::vector<Field> fields_;               // row by row
  std::vector<std::int64_t> line_numbers_;  // of each row
  std::int64_t columns_ = 0;
};

/// One row a line; blank lines, without a separator, are skipped. A field may stand in quotation marks, doubled inside
/// of them: "x, ""y"""; it ends on its line. Blanks around a number have no meaning. Whatever the locale, a decimal
/// point is a point. Errors as read_lines(); FormatError with line and column too for a row with another number of
/// fields than the first, marks that do not close or have something behind them, and two columns of one name;
/// FormatError for a file without rows.
CsvTable read_csv(const std::string& path, const CsvOptions& options = {});
CsvTable parse_csv(std::string_view bytes, const std::string& name, const CsvOptions& options = {});

}  // namespace heed::nn

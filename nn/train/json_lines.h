// A log of training that programs read: one JSON object a line (https://jsonlines.org).
//
//   {"t":1732600000.25,"run":{"seed":1,"data":"names.txt"},"threads":2,"reproducible":false,"simd":"AVX2","blas":"…"}
//   {"t":1732600003.5,"step":100,"epoch":1,"split":"train","loss":2.5,"lr":0.001}
//   {"t":1732600004.5,"step":101,"epoch":1,"split":"train","loss":null,"nan":["loss"]}
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "heed/tensor/io/append_file.h"

namespace heed::nn {

using JsonValue = std::variant<bool, std::int64_t, double, std::string>;

class JsonLines {
 public:
  using Fields = std::vector<std::pair<std::string, JsonValue>>;
  using Metrics = std::vector<std::pair<std::string, double>>;

  struct Place {
    std::int64_t step = 0;
    std::optional<double> epoch = {};  ///< may have a part: 2.5
    std::string split = "train";       ///< or "valid", "test"
  };

  /// A new run wants a fresh file, a resumed one goes on behind what is there (the steps behind its last checkpoint
  /// come again: of two records of a step the later one counts); where a process has ended within a line that line is
  /// closed first. IoError as AppendFile. `clock` gives seconds since 1970, the system's when empty.
  JsonLines(const std::string& path, AppendFile::Open how, std::function<double()> clock = {});

  /// The first line: what the run is (seed, command line, data and its SHA-256), with what heed computes with.
  /// Error for a field that is there twice.
  void header(const Fields& run);

  /// One line, which is in the file when this returns, whatever happens to the process. Numbers read back as the same
  /// double, in the fewest digits; a NaN or an infinity, which JSON does not have, is null, and its name stands under
  /// "nan", "inf" or "-inf". Error for a metric called as one of the other fields or given twice; IoError when the file
  /// cannot be written, a full disk say; what is written then of the line is closed by the next one.
  void record(const Place& place, const Metrics& metrics);

  /// What is in the file is on the disk when this returns: to be called when a checkpoint refers to it.
  void sync() { file_.sync(); }

 private:
  void write(std::string line);

  AppendFile file_;
  std::function<double()> clock_;
  bool torn_;  // the file may end within a line
};

}  // namespace heed::nn

// Curves for TensorBoard: files of events as TensorFlow writes them, TFRecords of protocol buffers. Nothing of either
// is needed to write or read them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "heed/tensor/io/append_file.h"
#include "heed/tensor/tensor.h"

namespace heed::nn {

class EventFile {
 public:
  struct Config {
    /// Of a run that goes on: the first step that comes now. TensorBoard forgets what earlier files of the folder have
    /// from that step on, which a run that was killed has written behind its last checkpoint.
    std::optional<std::int64_t> resumed_at = {};
    std::function<double()> clock = {};  ///< seconds since 1970; the system's when empty
  };

  /// A new file events.out.tfevents.<seconds>.<host>.<process>[.<number>] in `folder`, which is made where there is
  /// none. Never one that is there: a reader cannot tell a record cut by a crash from one that is being written, and
  /// would wait for its end. IoError when that fails; IndexError for a negative step.
  explicit EventFile(const std::string& folder, const Config& config);
  explicit EventFile(const std::string& folder) : EventFile(folder, Config{}) {}

  /// A point of a curve; it is in the file when this returns. A slash in the tag ("loss/train") makes groups. The value
  /// is stored as f32, as TensorBoard has it; NaN and infinity are stored too. IndexError for a negative step;
  /// FormatError for a tag that is empty or not UTF-8; IoError when the file cannot be written, and from then on:
  /// behind a record of which a part is missing none can be read.
  void scalar(std::string_view tag, double number, std::int64_t step);

  /// How the numbers of x, a float tensor, are distributed: counts in 30 buckets of equal width from the least to the
  /// greatest. Numbers that are not finite are left out. Errors as scalar(); DTypeError.
  void histogram(std::string_view tag, const Tensor& x, std::int64_t step);

  void sync() { file_.sync(); }  ///< as JsonLines::sync
  const std::string& path() const { return file_.path(); }

 private:
  void add(std::string_view what, std::int64_t step);
  void write(std::string_view message);

  std::function<double()> clock_;
  AppendFile file_;
  bool broken_ = false;
};

}  // namespace heed::nn

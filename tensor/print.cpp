#include "heed/tensor/print.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>
#include <utility>
#include <vector>

namespace heed {
namespace {

constexpr std::int64_t whole_up_to = 1000;  // elements
constexpr std::int64_t edge = 3;            // elements shown at either end of an axis that is not shown whole
constexpr std::size_t line_width = 100;     // columns

class Printer {
 public:
  explicit Printer(const Tensor& x) : x_(x), whole_(x.numel() <= whole_up_to) {
    collect(0, 0);
    for (const std::string& number : numbers_) width_ = std::max(width_, number.size());
  }

  std::string text() {
    if (x_.rank() == 0) return numbers_[0];
    lay_out(0);
    return std::move(text_);
  }

 private:
  // Calls body(index) for what is shown along `axis`; gap() stands where indices are left out.
  template <class Body, class Gap>
  void for_each_shown(int axis, Body&& body, Gap&& gap) const {
    const std::int64_t size = x_.shape()[axis];
    const bool all = whole_ || size <= 2 * edge;
    for (std::int64_t i = 0; i < (all ? size : edge); ++i) body(i);
    if (all) return;
    gap();
    for (std::int64_t i = size - edge; i < size; ++i) body(i);
  }

  // Formats every shown number, in the order lay_out() takes them.
  void collect(int axis, std::int64_t offset) {
    if (axis == x_.rank()) {
      dispatch(x_.dtype(), [&]<class T> {
        const T value = x_.data<T>()[offset];
        if constexpr (std::is_floating_point_v<T>)
          numbers_.push_back(fmt::format("{:.6g}", value));
        else
          numbers_.push_back(fmt::format("{}", value));
      });
      return;
    }
    for_each_shown(axis, [&](std::int64_t i) { collect(axis + 1, offset + i * x_.strides()[axis]); }, [] {});
  }

  void lay_out(int axis) {
    const auto depth = static_cast<std::size_t>(axis) + 1, rank = static_cast<std::size_t>(x_.rank());
    const bool row = depth == rank;
    std::size_t column = depth;
    bool first = true;
    const auto separate = [&](std::size_t columns) {  // before an item that takes so many
      if (!std::exchange(first, false)) {
        // A row goes on in its line while there is room for the item and the brackets that may follow it. Blocks stand
        // one below the other, with as many blank lines between them as they have axes, less the row itself.
        const std::size_t line_breaks = row ? column + columns + rank > line_width : rank - depth;
        text_ += ',';
        if (line_breaks > 0) {
          text_.append(line_breaks, '\n').append(depth, ' ');
          column = depth;
        } else {
          text_ += ' ';
        }
      }
      column += columns + 2;
    };
    const auto item = [&](std::int64_t) {
      separate(width_);
      if (row)
        text_ += fmt::format("{:>{}}", numbers_[next_++], width_);
      else
        lay_out(axis + 1);
    };
    const auto gap = [&] {
      separate(1);
      text_ += "…";
    };
    text_ += '[';
    for_each_shown(axis, item, gap);
    text_ += ']';
  }

  const Tensor& x_;
  bool whole_;
  std::vector<std::string> numbers_;
  std::size_t width_ = 0, next_ = 0;
  std::string text_;
};

}  // namespace

std::string to_string(const Tensor& x) {
  if (!x.defined()) return "undefined";
  return fmt::format("{} {}\n{}", name(x.dtype()), x.shape().str(), x.numel() == 0 ? "[]" : Printer(x).text());
}

std::ostream& operator<<(std::ostream& stream, const Tensor& x) { return stream << to_string(x); }

}  // namespace heed

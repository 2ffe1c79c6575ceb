// The shapes an operation asks for, said by letters and checked in one line:
//
//   const Sizes size = check_shapes("gru", {{"input_gates", x, "B 3H"}, {"h", h, "B H"}, {"weight", w, "3H H"}});
//   const std::int64_t batch = size['B'];
#pragma once

#include <array>
#include <initializer_list>
#include <string_view>

#include "heed/tensor/tensor.h"

namespace heed {

/// Sizes by letters, read at compile time: "B 3H" is two axes of sizes B and 3·H, "1" is an axis of size 1, ".. K" any
/// leading axes and then one of size K, "" rank 0. A letter is the same size wherever it stands.
class ShapePattern {
 public:
  consteval ShapePattern(const char* text) {  // implicit: operands are written in braces
    if (text[0] == '.' && text[1] == '.') {
      leading_ = true;
      text += 2;
    }
    while (*text != '\0') {
      if (*text == ' ') {
        ++text;
        continue;
      }
      if (rank_ == Dims::max_rank) throw "a pattern has more axes than a tensor can have";
      Axis& axis = axes_[static_cast<std::size_t>(rank_++)];
      int number = 0;
      for (; *text >= '0' && *text <= '9'; ++text) number = 10 * number + (*text - '0');
      if (number > 255) throw "a factor of more than 255";
      axis.factor = static_cast<unsigned char>(number == 0 ? 1 : number);
      if (*text >= 'A' && *text <= 'Z')
        axis.letter = *text++;
      else if (number == 0)
        throw "an axis is a number, a capital letter, or both: 3H";
    }
  }

  struct Axis {
    char letter = 0;  // 0: the size is the factor
    unsigned char factor = 1;
  };
  int rank() const { return rank_; }
  bool leading() const { return leading_; }
  const Axis& operator[](int axis) const { return axes_[static_cast<std::size_t>(axis)]; }

 private:
  std::array<Axis, Dims::max_rank> axes_{};
  int rank_ = 0;
  bool leading_ = false;
};

/// One tensor an operation was given. An undefined tensor passes when it is optional.
struct Operand {
  std::string_view name;
  const Tensor& tensor;
  ShapePattern pattern;
  bool optional = false;
};

/// What the letters stand for; -1 for a letter that no operand had.
class Sizes {
 public:
  Sizes() { sizes_.fill(-1); }
  std::int64_t operator[](char letter) const { return sizes_[static_cast<std::size_t>(letter - 'A')]; }
  std::int64_t& operator[](char letter) { return sizes_[static_cast<std::size_t>(letter - 'A')]; }

 private:
  std::array<std::int64_t, 26> sizes_;
};

/// The size of every letter. ShapeError, which names the operation, the operands with their shapes, the letter and its
/// two sizes, when a rank or a size does not fit or an operand is undefined.
Sizes check_shapes(std::string_view operation, std::initializer_list<Operand> operands);

}  // namespace heed

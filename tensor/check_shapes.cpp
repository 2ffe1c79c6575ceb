#include "heed/tensor/check_shapes.h"

#include <fmt/format.h>

#include "heed/tensor/error.h"

namespace heed {
namespace {

// "B 3H" -> "[B, 3H]".
std::string expected(const ShapePattern& pattern) {
  std::string text = pattern.leading() ? "[.." : "[";
  for (int axis = 0; axis < pattern.rank(); ++axis) {
    if (text.size() > 1) text += ", ";
    const auto [letter, factor] = pattern[axis];
    if (letter == 0 || factor != 1) text += std::to_string(factor);
    if (letter != 0) text += letter;
  }
  return text + "]";
}

// The last axes of an operand, one for each of its pattern's.
std::int64_t size_of(const Operand& operand, int axis) {
  return operand.tensor.shape()[operand.tensor.rank() - operand.pattern.rank() + axis];
}

// All operands with what was expected and what came: the part of a message that says what the user gave.
std::string all_shapes(std::initializer_list<Operand> operands) {
  std::string given, wanted;
  for (const Operand& operand : operands) {
    if (!operand.tensor.defined()) continue;
    given += fmt::format("{}{} {}", given.empty() ? "" : ", ", operand.name, operand.tensor.shape().str());
    wanted += fmt::format("{}{}", wanted.empty() ? "" : ", ", expected(operand.pattern));
  }
  return fmt::format("{}; expected {}", given, wanted);
}

[[noreturn]] void throw_wrong_rank(std::string_view operation, const Operand& operand,
                                   std::initializer_list<Operand> operands) {
  if (!operand.tensor.defined())
    throw ShapeError(
        fmt::format("{}: {} is undefined; expected {}", operation, operand.name, expected(operand.pattern)));
  throw ShapeError(fmt::format("{}: {} has rank {}, expected {}{}: {}", operation, operand.name, operand.tensor.rank(),
                               operand.pattern.leading() ? "at least " : "", operand.pattern.rank(),
                               all_shapes(operands)));
}

// Which operand gave the letter its size: the first that has it, letters without a factor before those with one.
std::string source_of(char letter, std::initializer_list<Operand> operands) {
  for (const bool plain : {true, false})
    for (const Operand& operand : operands) {
      if (!operand.tensor.defined()) continue;
      for (int axis = 0; axis < operand.pattern.rank(); ++axis)
        if (operand.pattern[axis].letter == letter && (operand.pattern[axis].factor == 1) == plain)
          return fmt::format("{} axis {}", operand.name, axis - operand.pattern.rank());
    }
  return {};
}

[[noreturn]] void throw_wrong_size(std::string_view operation, const Operand& operand, int axis, std::int64_t size,
                                   std::initializer_list<Operand> operands) {
  const auto [letter, factor] = operand.pattern[axis];
  const std::string here =
      fmt::format("{} axis {} = {}", operand.name, axis - operand.pattern.rank(), size_of(operand, axis));
  if (letter == 0) throw ShapeError(fmt::format("{}: {}, not {}: {}", operation, here, factor, all_shapes(operands)));
  if (size < 0)
    throw ShapeError(fmt::format("{}: {} is no multiple of {}: {}", operation, here, factor, all_shapes(operands)));
  if (factor == 1)
    throw ShapeError(fmt::format("{}: {} differs: {} = {}, {}: {}", operation, letter, source_of(letter, operands),
                                 size, here, all_shapes(operands)));
  throw ShapeError(fmt::format("{}: {}{} differs: {} gives {}·{} = {}, {}: {}", operation, factor, letter,
                               source_of(letter, operands), factor, size, factor * size, here, all_shapes(operands)));
}

}  // namespace

Sizes check_shapes(std::string_view operation, std::initializer_list<Operand> operands) {
  Sizes sizes;
  for (const Operand& operand : operands) {
    if (!operand.tensor.defined() && operand.optional) continue;
    const int rank = operand.pattern.rank();
    if (!operand.tensor.defined() ||
        (operand.pattern.leading() ? operand.tensor.rank() < rank : operand.tensor.rank() != rank))
      throw_wrong_rank(operation, operand, operands);
    for (int axis = 0; axis < rank; ++axis) {  // letters that stand alone give the sizes
      const auto [letter, factor] = operand.pattern[axis];
      if (letter != 0 && factor == 1 && sizes[letter] < 0) sizes[letter] = size_of(operand, axis);
    }
  }
  for (const Operand& operand : operands) {
    if (!operand.tensor.defined()) continue;
    for (int axis = 0; axis < operand.pattern.rank(); ++axis) {
      const auto [letter, factor] = operand.pattern[axis];
      const std::int64_t size = size_of(operand, axis);
      if (letter != 0 && sizes[letter] < 0 && size % factor == 0) sizes[letter] = size / factor;
      const std::int64_t unit = letter == 0 ? 1 : sizes[letter];
      if (unit < 0 || size != factor * unit) throw_wrong_size(operation, operand, axis, unit, operands);
    }
  }
  return sizes;
}

}  // namespace heed

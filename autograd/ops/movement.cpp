#include "heed/autograd/ops/movement.h"

#include <string>

#include "heed/autograd/ops/reduce.h"
#include "heed/autograd/record.h"
#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"

namespace heed {
namespace {

struct Reshape final : Rule<Reshape> {
  static constexpr std::string_view op = "reshape";
  Shape from;
  template <class V>
  Grads<V> vjp(const V& dy) {
    return {reshape(dy, from)};
  }
};

struct Permute final : Rule<Permute> {
  static constexpr std::string_view op = "permute";
  std::vector<int> inverse;
  template <class V>
  Grads<V> vjp(const V& dy) {
    return {permute(dy, inverse)};
  }
};

struct Expand final : Rule<Expand> {
  static constexpr std::string_view op = "expand";
  Shape from;
  template <class V>
  Grads<V> vjp(const V& dy) {
    return {sum_to(dy, from)};
  }
};

struct Slice final : Rule<Slice> {
  static constexpr std::string_view op = "slice";
  Shape from;
  int axis = 0;
  std::int64_t begin = 0, end = 0, step = 1;
  template <class V>
  Grads<V> vjp(const V& dy, const Sums<V>& sums) {
    const auto add = [&](auto& sum) {
      auto part = slice(sum, axis, begin, end, step);
      add_scaled(part, dy);
    };
    return {sums.add(0, add, [&] { return slice_scatter(dy, from, axis, begin, end, step); })};
  }
};

struct SliceScatter final : Rule<SliceScatter> {
  static constexpr std::string_view op = "slice_scatter";
  int axis = 0;
  std::int64_t begin = 0, end = 0, step = 1;
  template <class V>
  Grads<V> vjp(const V& dy) {
    return {slice(dy, axis, begin, end, step)};
  }
};

struct Concat final : Rule<Concat> {
  static constexpr std::string_view op = "concat";
  int axis = 0;
  std::vector<std::int64_t> sizes;
  template <class V>
  Grads<V> vjp(const V& dy) {
    Grads<V> parts;
    std::int64_t begin = 0;
    for (std::int64_t size : sizes) {
      parts.push_back(slice(dy, axis, begin, begin + size));
      begin += size;
    }
    return parts;
  }
};

struct Unstack final : Rule<Unstack> {
  static constexpr std::string_view op = "unstack";
  int axis = 0;
  template <class V>
  Grads<V> vjp(std::span<const V> dy) {
    std::vector<V> layers;
    for (std::uint32_t slot = 0; slot < dy.size(); ++slot)
      layers.push_back(dy[slot].defined() ? dy[slot] : V(zeros(output(slot).shape, output(slot).dtype)));
    return {stack(layers, axis)};
  }
};

}  // namespace

Variable reshape(const Variable& x, const Shape& shape) {
  return record<Reshape>(reshape(x.value(), shape), {x}, [&](Reshape& rule) { rule.from = x.shape(); });
}

Variable permute(const Variable& x, std::span<const int> order) {
  return record<Permute>(permute(x.value(), order), {x}, [&](Permute& rule) {
    rule.inverse.resize(order.size());
    for (std::size_t i = 0; i < order.size(); ++i)
      rule.inverse[static_cast<std::size_t>(normalize_axis("permute", order[i], x.rank()))] = static_cast<int>(i);
  });
}

Variable transpose(const Variable& x, int axis0, int axis1) {
  check_defined("transpose", "x", x.value());
  std::vector<int> order;
  for (int axis = 0; axis < x.rank(); ++axis) order.push_back(axis);
  std::swap(order[static_cast<std::size_t>(normalize_axis("transpose", axis0, x.rank()))],
            order[static_cast<std::size_t>(normalize_axis("transpose", axis1, x.rank()))]);
  return permute(x, order);
}

Variable mT(const Variable& x) {
  mT(x.value());  // refuses rank 0 and 1 in its own words
  return transpose(x, -2, -1);
}

Variable expand(const Variable& x, const Shape& shape) {
  check_defined("expand", "x", x.value());
  if (x.shape() == shape) return x;
  return record<Expand>(expand(x.value(), shape), {x}, [&](Expand& rule) { rule.from = x.shape(); });
}

Variable unsqueeze(const Variable& x, int axis) { return reshape(x, unsqueeze(x.value(), axis).shape()); }
Variable squeeze(const Variable& x, int axis) { return reshape(x, squeeze(x.value(), axis).shape()); }

Variable slice(const Variable& x, int axis, std::int64_t begin, std::int64_t end, std::int64_t step) {
  return record<Slice>(slice(x.value(), axis, begin, end, step), {x}, [&](Slice& rule) {
    rule.from = x.shape();
    rule.axis = axis;
    rule.begin = begin;
    rule.end = end;
    rule.step = step;
  });
}

Variable select(const Variable& x, int axis, std::int64_t index) {
  const Tensor y = select(x.value(), axis, index);  // checks axis and index
  const std::int64_t first = index < 0 ? index + x.size(axis) : index;
  return reshape(slice(x, axis, first, first + 1), y.shape());
}

Variable concat(const std::vector<Variable>& parts, int axis) {
  std::vector<Tensor> values;
  for (const Variable& part : parts) values.push_back(part.value());
  return record_list<Concat>(concat(values, axis), parts, [&](Concat& rule) {
    rule.axis = axis;
    for (const Variable& part : parts) rule.sizes.push_back(part.size(axis));
  });
}

Variable stack(const std::vector<Variable>& parts, int axis) {
  if (parts.empty()) throw ShapeError("stack: no tensors");
  for (std::size_t i = 0; i < parts.size(); ++i)
    if (!parts[i].defined()) throw_undefined("stack", "part " + std::to_string(i));
  const int position = normalize_axis("stack", axis, parts[0].rank() + 1);
  std::vector<Variable> layers;
  for (const Variable& part : parts) {
    if (!(part.shape() == parts[0].shape()))
      throw ShapeError("stack: shapes differ: " + parts[0].shape().str() + " and " + part.shape().str());
    layers.push_back(unsqueeze(part, position));
  }
  return concat(layers, position);
}

std::vector<Variable> unstack(const Variable& x, int axis) {
  return record_outputs<Unstack>(unstack(x.value(), axis), {x}, [&](Unstack& rule) { rule.axis = axis; });
}

Variable slice_scatter(const Variable& x, const Shape& shape, int axis, std::int64_t begin, std::int64_t end,
                       std::int64_t step) {
  return record<SliceScatter>(slice_scatter(x.value(), shape, axis, begin, end, step), {x}, [&](SliceScatter& rule) {
    rule.axis = axis;
    rule.begin = begin;
    rule.end = end;
    rule.step = step;
  });
}

}  // namespace heed

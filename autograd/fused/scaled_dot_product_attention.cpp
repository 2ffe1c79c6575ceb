#include "heed/autograd/fused/scaled_dot_product_attention.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "heed/autograd/fused/fused.h"
#include "heed/autograd/internal/attention.h"
#include "heed/autograd/ops/elementwise.h"
#include "heed/autograd/ops/matmul.h"
#include "heed/autograd/ops/movement.h"
#include "heed/autograd/ops/reduce.h"
#include "heed/tensor/internal/parallel.h"
#include "heed/tensor/internal/workspace.h"
#include "heed/tensor/kernels/attention.h"
#include "heed/tensor/ops/reduce.h"

namespace heed {
namespace {

// A new [B, N, H, X] as [B, H, N, X].
Tensor by_heads(const Tensor& by_position) { return transpose(by_position, 1, 2); }
Tensor empty_by_heads(std::int64_t batch, std::int64_t heads, std::int64_t size, std::int64_t width, DType dtype) {
  return by_heads(empty({batch, size, heads, width}, dtype, "scaled_dot_product_attention"));
}

// The matrix of one head (or group) of x [B, H, N, X].
template <class T>
kernels::StridedMatrix<T> head_of(const Tensor& x, std::int64_t batch, std::int64_t head) {
  return {x.data<T>() + batch * x.strides()[0] + head * x.strides()[1], x.strides()[2], x.strides()[3]};
}

// The same for writing, of a tensor whose rows are contiguous.
template <class T>
struct Writer {
  T* data = nullptr;
  Strides strides;

  Writer() = default;
  explicit Writer(Tensor& x) : data(x.defined() ? x.mutable_data<T>() : nullptr), strides(x.strides()) {}
  kernels::AttentionRows<T> head(std::int64_t batch, std::int64_t head, std::int64_t row = 0) const {
    if (data == nullptr) return {nullptr, 0};
    return {data + batch * strides[0] + head * strides[1] + row * strides[2], strides[2]};
  }
};

// The least number k of 53 bits such that nn::dropout keeps an element whose draw's upper bits are k: where the uniform
// number of k, in T, is p or more.
template <class T>
std::uint64_t least_kept(double p) {
  std::uint64_t low = 0, high = std::uint64_t{1} << 53;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    const T number = static_cast<T>(static_cast<double>(middle) * 0x1p-53);
    if (std::min(number, std::nextafter(T{1}, T{0})) >= static_cast<T>(p))
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

// How work is cut into tasks. The cuts follow from the sizes alone, since those of keys change bits.
struct Cut {
  std::int64_t part, parts;  // rows of one task, tasks of one head

  Cut(std::int64_t rows, std::int64_t multiple, std::int64_t heads) {
    constexpr std::int64_t wanted = 8;  // tasks
    const std::int64_t pieces = std::max<std::int64_t>(1, (rows + multiple - 1) / multiple);
    const std::int64_t per_head =
        std::clamp((wanted + heads - 1) / std::max<std::int64_t>(heads, 1), std::int64_t{1}, pieces);
    part = (pieces + per_head - 1) / per_head * multiple;
    parts = (pieces * multiple + part - 1) / part;
  }
};

// So many tasks of `work` multiply-adds each are worth a thread's while.
std::int64_t tasks_at_once(double work) { return 1 + static_cast<std::int64_t>(1e5 / (work + 1)); }

struct ScaledDotProductAttention final : Fused<ScaledDotProductAttention, 4> {
  static constexpr std::string_view op = "scaled_dot_product_attention";
  AttentionOptions options;
  AttentionSetting setting;
  std::optional<Generator> generator;  // as it was before the call
  bool has_bias = false;
  Saved mask{*this}, y{*this}, greatest{*this}, inverse{*this};

  ScaledDotProductAttention(const AttentionOptions& given, const AttentionSetting& checked)
      : options(given), setting(checked) {
    if (options.dropout > 0) generator = *options.generator;
    if (options.mask.defined()) mask.keep_constant(expand(options.mask, setting.weights()));
    options.mask = {}, options.generator = nullptr;
  }

  Tensor forward(const Tensor& query, const Tensor& key, const Tensor& value, const Tensor& bias) {
    const AttentionSetting& s = setting;
    Tensor result = empty_by_heads(s.batch, s.heads, s.queries, s.value_width, query.dtype());
    Tensor tops = empty({s.batch, s.heads, s.queries}, query.dtype(), op),
           inverses = empty(tops.shape(), tops.dtype(), op);
    const Tensor biases = bias.defined() ? expand(bias, s.weights()) : bias;
    dispatch_float(op, query.dtype(), [&]<class T> {
      const auto& kernel = kernels::attention().of<T>();
      const Cut cut(s.queries, kernels::attention_queries, s.batch * s.heads);
      const Writer<T> to(result);
      T *const top = tops.mutable_data<T>(), *const inverse_sum = inverses.mutable_data<T>();
      const double work = static_cast<double>(cut.part) * static_cast<double>(s.keys * (s.width + s.value_width));
      parallel_chunks(
          s.queries == 0 ? 0 : s.batch * s.heads * cut.parts, tasks_at_once(work),
          [&](std::int64_t task, std::int64_t last) {
            for (; task < last; ++task) {
              const std::int64_t row = task / cut.parts, b = row / s.heads, h = row % s.heads;
              const std::int64_t begin = task % cut.parts * cut.part, end = std::min(begin + cut.part, s.queries);
              const auto head = head_at<T>(query, key, value, biases, b, h);
              const Workspace<T> space(op.data(), kernel.forward_workspace(head, to_size(begin), to_size(end)), 1);
              const std::int64_t first = row * s.queries + begin;
              kernel.forward(head, to_size(begin), to_size(end), to.head(b, h, begin),
                             {top + first, inverse_sum + first}, space.part(0));
            }
          });
    });
    has_bias = bias.defined();
    y.keep_output(result);
    greatest.keep_constant(tops);
    inverse.keep_constant(inverses);
    return result;
  }

  Grads<Tensor> backward(const Tensor& dy) {
    const AttentionSetting& s = setting;
    const Tensor &query = input(0), &key = input(1), &value = input(2);
    const DType dtype = query.dtype();
    const Tensor bias = has_bias ? expand(input(3), s.weights()) : Tensor();
    Tensor dk = needs(1) ? empty_by_heads(s.batch, s.groups, s.keys, s.width, dtype) : Tensor();
    Tensor dv = needs(2) ? empty_by_heads(s.batch, s.groups, s.keys, s.value_width, dtype) : Tensor();
    Tensor db = needs(3) ? zeros(s.weights(), dtype) : Tensor(), dq;
    dispatch_float(op, dtype, [&]<class T> {
      const auto& kernel = kernels::attention().of<T>();
      const Cut cut(s.keys, kernels::attention_keys, s.batch * s.groups);
      // What each part of the keys adds to the gradients of the queries.
      Tensor parts = needs(0) ? empty({cut.parts * s.batch, s.queries, s.heads, s.width}, dtype, op) : Tensor();
      if (parts.defined()) parts = by_heads(parts);
      const Writer<T> to_query(parts), to_key(dk), to_value(dv), to_bias(db);
      const Tensor &tops = greatest.tensor(), &inverses = inverse.tensor();
      const double work = static_cast<double>(cut.part) * static_cast<double>(s.queries * (s.width + s.value_width));
      parallel_chunks(s.batch * s.groups * cut.parts, tasks_at_once(work), [&](std::int64_t task, std::int64_t last) {
        for (; task < last; ++task) {
          const std::int64_t part = task % cut.parts, b = task / cut.parts / s.groups, g = task / cut.parts % s.groups;
          const std::int64_t begin = part * cut.part, end = std::min(begin + cut.part, s.keys),
                             per_group = s.heads / s.groups;
          for (std::int64_t h = g * per_group; h < (g + 1) * per_group; ++h) {
            const auto head = head_at<T>(query, key, value, bias, b, h);
            const std::int64_t first = (b * s.heads + h) * s.queries;
            const kernels::AttentionGradients<T> gradients{
                .y = head_of<T>(y.tensor(), b, h),
                .dy = head_of<T>(dy, b, h),
                .statistics = {tops.data<T>() + first, inverses.data<T>() + first},
                .query = to_query.head(part * s.batch + b, h),
                .key = to_key.head(b, g),
                .value = to_value.head(b, g),
                .bias = to_bias.head(b, h),
                .first = h == g * per_group};
            const Workspace<T> space(op.data(), kernel.backward_workspace(head), 1);
            kernel.backward(head, gradients, to_size(begin), to_size(end), space.part(0));
          }
        }
      });
      if (parts.defined()) dq = cut.parts == 1 ? parts : sum_of_parts(parts, cut.parts);
    });
    return {dq, dk, dv, needs(3) ? sum_to(db, input(3).shape()) : Tensor()};
  }

  Variable definition(std::span<const Variable> x) const {
    std::optional<Generator> again = generator;
    AttentionOptions same = options;
    same.mask = mask.has_value() ? mask.tensor() : Tensor();
    same.generator = again ? &*again : nullptr;
    return scaled_dot_product_attention_definition(x[0], x[1], x[2], x[3], same);
  }

 private:
  template <class T>
  kernels::AttentionHead<T> head_at(const Tensor& query, const Tensor& key, const Tensor& value, const Tensor& bias,
                                    std::int64_t b, std::int64_t h) const {
    const AttentionSetting& s = setting;
    const std::int64_t g = h / (s.heads / s.groups);
    kernels::AttentionHead<T> head{.queries = to_size(s.queries),
                                   .keys = to_size(s.keys),
                                   .width = to_size(s.width),
                                   .value_width = to_size(s.value_width),
                                   .query = head_of<T>(query, b, h),
                                   .key = head_of<T>(key, b, g),
                                   .value = head_of<T>(value, b, g),
                                   .bias = {},
                                   .mask = {},
                                   .causal_offset = s.causal_offset,
                                   .scale = static_cast<T>(s.scale),
                                   .dropout = {}};
    if (bias.defined()) head.bias = head_of<T>(bias, b, h);
    if (mask.has_value()) head.mask = head_of<bool>(mask.tensor(), b, h);
    if (generator)
      head.dropout = {
          .key = generator->seed(),
          .stream = generator->stream(),
          .position = generator->counter() + static_cast<std::uint64_t>((b * s.heads + h) * s.queries * s.keys),
          .least = least_kept<T>(options.dropout),
          .factor = static_cast<T>(options.dropout < 1 ? 1 / (1 - options.dropout) : 0.0)};
    return head;
  }

  // [parts·B, H, T, K] -> [B, H, T, K], added up in the order of the parts.
  Tensor sum_of_parts(const Tensor& parts, std::int64_t count) const {
    Tensor total = slice(parts, 0, 0, setting.batch);
    for (std::int64_t part = 1; part < count; ++part)
      total = by_heads(by_heads(total) + by_heads(slice(parts, 0, part * setting.batch, (part + 1) * setting.batch)));
    return total;
  }
};

// The same of any function with dropout.
void check_generator(std::string_view op, const AttentionOptions& options) {
  if (options.dropout > 0 && options.generator == nullptr)
    throw Error(fmt::format("{}: dropout is {} and no generator is given", op, options.dropout));
}

// weights·values. Where a value is not finite, those that are not seen are taken out of each query's own copy: in a
// product of matrices 0·NaN would reach the result.
Variable mixed(const SeenWeights& seen, const Variable& weights, const Variable& value) {
  const Variable values = unsqueeze(value, 2);  // [B, G, 1, S, D]
  if (all_finite(value.value())) return matmul(weights, values);
  return sum(unsqueeze(weights, -1) * where(unsqueeze(seen.seen, -1), unsqueeze(values, -3), 0), {-2});
}

}  // namespace

Variable scaled_dot_product_attention(const Variable& query, const Variable& key, const Variable& value,
                                      const Variable& bias, const AttentionOptions& options) {
  constexpr std::string_view op = ScaledDotProductAttention::op;
  const AttentionSetting setting =
      check_attention(op, query.value(), key.value(), &value.value(), bias.value(), options);
  check_generator(op, options);
  const Variable y = fused<ScaledDotProductAttention>({query, key, value, bias}, options, setting);
  if (options.dropout > 0)
    options.generator->set_counter(options.generator->counter() +
                                   static_cast<std::uint64_t>(setting.weights().numel()));
  return y;
}

Variable scaled_dot_product_attention_definition(const Variable& query, const Variable& key, const Variable& value,
                                                 const Variable& bias, const AttentionOptions& options) {
  constexpr std::string_view op = "scaled_dot_product_attention_definition";
  const AttentionSetting s = check_attention(op, query.value(), key.value(), &value.value(), bias.value(), options);
  check_generator(op, options);
  const SeenWeights seen = seen_weights(s, query, key, bias, options);
  Variable weights = seen.weights;
  if (options.dropout > 0) {
    const Tensor draws = uniform(*options.generator, weights.shape(), 0, 1, weights.dtype());
    const double scale = options.dropout < 1 ? 1 / (1 - options.dropout) : 0.0;
    weights = weights * Variable(where(draws < options.dropout, 0, scalar_like(draws, scale)));
  }
  return reshape(mixed(seen, weights, value), {s.batch, s.heads, s.queries, s.value_width});
}

}  // namespace heed

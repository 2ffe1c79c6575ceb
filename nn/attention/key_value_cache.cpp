#include "heed/nn/attention/key_value_cache.h"

#include <fmt/format.h>

#include "heed/nn/internal/check_sizes.h"
#include "heed/tensor/check_shapes.h"
#include "heed/tensor/create.h"
#include "heed/tensor/mutate.h"
#include "heed/tensor/ops/index.h"

namespace heed::nn {
namespace {

Tensor room(const KeyValueCache::Config& c) {
  check_sizes("key value cache", {{"kv_heads", c.kv_heads}, {"capacity", c.capacity}, {"width", c.width}});
  return empty({c.batch, c.kv_heads, c.capacity, c.width}, c.dtype);
}

// Whether these are 0 … n - 1, as they are in a search that is greedy.
bool is_identity(const Tensor& rows, std::int64_t n) {
  if (rows.dtype() != DType::i64 || rows.numel() != n) return false;
  const Tensor row = rows.contiguous();
  for (std::int64_t i = 0; i < n; ++i)
    if (row.data<std::int64_t>()[i] != i) return false;
  return true;
}

// The same rows in a tensor of the same capacity.
Tensor reordered(const Tensor& all, std::int64_t length, const Tensor& rows) {
  Tensor result = empty({rows.numel(), all.size(1), all.size(2), all.size(3)}, all.dtype());
  Tensor used = slice(result, 2, 0, length);
  copy_from(used, index_select(slice(all, 2, 0, length), 0, rows));
  return result;
}

}  // namespace

KeyValueCache::KeyValueCache(const Config& config) : key_(room(config)), value_(room(config)) {}

void KeyValueCache::check_room(std::int64_t positions) const {
  if (positions < 0 || positions > capacity() - length_)
    throw IndexError(fmt::format("key value cache: {} more positions behind {} of {}", positions, length_, capacity()));
}

void KeyValueCache::append(const Tensor& key, const Tensor& value) {
  const Sizes size = check_shapes("key value cache",
                                  {{"key", key, "B G N K"}, {"value", value, "B G N K"}, {"cache", key_, "B G C K"}});
  for (const Tensor& x : {key, value})
    if (x.dtype() != key_.dtype()) throw_dtype("key value cache", x.dtype(), name(key_.dtype()));
  check_room(size['N']);
  Tensor keys = slice(key_, 2, length_, length_ + size['N']), values = slice(value_, 2, length_, length_ + size['N']);
  copy_from(keys, key);
  copy_from(values, value);
  length_ += size['N'];
}

void KeyValueCache::truncate(std::int64_t length) {
  if (length < 0 || length > length_)
    throw IndexError(fmt::format("key value cache: the first {} of {} positions", length, length_));
  length_ = length;
}

void KeyValueCache::reorder(const Tensor& rows) {
  check_shapes("key value cache", {{"rows", rows, "N"}});
  if (is_identity(rows, batch())) return;
  Tensor key = reordered(key_, length_, rows), value = reordered(value_, length_, rows);
  key_ = std::move(key);
  value_ = std::move(value);
}

std::int64_t KeyValueCache::bytes() const {
  return 2 * key_.numel() * static_cast<std::int64_t>(size_of(key_.dtype()));
}

}  // namespace heed::nn

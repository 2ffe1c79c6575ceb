// The keys and values that an attention has read, for queries that come a few at a time.
#pragma once

#include "heed/tensor/ops/movement.h"

namespace heed::nn {

/// Keys and values [B, G, length, K] of a MultiHeadAttention, with room for `capacity` positions. Memory is taken once,
/// so that a further position costs what it writes. A copy is a second cache.
class KeyValueCache {
 public:
  struct Config {
    std::int64_t batch = 1, kv_heads = 0, capacity = 0, width = 0;  ///< B, G, -, K
    DType dtype = DType::f32;
  };

  /// ShapeError unless kv_heads, capacity and width are positive and batch is not negative.
  explicit KeyValueCache(const Config& config);

  KeyValueCache(const KeyValueCache& other) : KeyValueCache(other.key_.clone(), other.value_.clone(), other.length_) {}
  KeyValueCache(KeyValueCache&&) noexcept = default;
  KeyValueCache& operator=(const KeyValueCache& other) { return *this = KeyValueCache(other); }
  KeyValueCache& operator=(KeyValueCache&&) noexcept = default;
  ~KeyValueCache() = default;

  /// N more positions: key and value [B, G, N, K]. ShapeError for other sizes, DTypeError; IndexError where the
  /// capacity is too small. Then nothing has changed.
  void append(const Tensor& key, const Tensor& value);

  /// Forgets all positions but the first `length` (IndexError unless there are so many).
  void truncate(std::int64_t length);

  /// IndexError unless so many more positions have room.
  void check_room(std::int64_t positions) const;

  Tensor keys() const { return slice(key_, 2, 0, length_); }  ///< [B, G, length, K], a view that append() may write to
  Tensor values() const { return slice(value_, 2, 0, length_); }

  /// Row i becomes a copy of what is now row rows[i]: rows [N] i64. IndexError.
  void reorder(const Tensor& rows);

  std::int64_t batch() const { return key_.size(0); }
  std::int64_t length() const { return length_; }
  std::int64_t capacity() const { return key_.size(2); }
  std::int64_t bytes() const;  ///< of the whole capacity

 private:
  KeyValueCache(Tensor key, Tensor value, std::int64_t length)
      : key_(std::move(key)), value_(std::move(value)), length_(length) {}

  Tensor key_, value_;  // [B, G, capacity, K]; what stands behind `length` means nothing
  std::int64_t length_ = 0;
};

}  // namespace heed::nn

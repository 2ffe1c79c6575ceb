// AttentionPage: attention weights as one HTML page that needs nothing but a browser, and no network: layers, steps and
// heads to choose from, as a matrix, as lines from token to token, and all heads side by side.
#pragma once

#include <string>
#include <vector>

#include "heed/tensor/tensor.h"

namespace heed::nn {

/// The weights of one layer at one step.
struct AttentionMap {
  std::string layer = {};                         ///< its name, such as an AttentionRecord's module
  std::string group = {};                         ///< layers of one group are listed together: attention_group(layer)
  std::string step = {};                          ///< of training, or of what is read: "epoch 3", "sentence 2"
  std::vector<std::string> queries = {}, keys{};  ///< tokens, in the order of rows and columns
  Tensor weights = {};                            ///< f32 or f64 [H, T, S], or [T, S] of one head
};

struct AttentionPage {
  std::string title = {};
  std::vector<AttentionMap> maps = {};  ///< layers and their steps in the order in which they first come
};

/// "encoder" or "decoder" for a layer whose name begins with that; "cross" for a decoder's attention to its source
/// (multihead_attn); else "".
std::string attention_group(const std::string& layer);

/// One example of a recorded call (AttentionRecord::weights [B, H, T, S]) as far as it has tokens: what is padding is
/// left out. IndexError for an example that is not there; ShapeError for more tokens than weights.
AttentionMap attention_map(const std::string& layer, const Tensor& recorded, std::int64_t example,
                           const std::vector<std::string>& queries, const std::vector<std::string>& keys);

/// The page. It holds every weight as the f32 it is (f64 is rounded), little-endian in base64, row by row and head by
/// head, beside its tokens in a block of JSON; 8 heads of 64 tokens take less than 300 KiB. NaN and infinity are drawn
/// in yellow. Tokens are data whatever they hold: nothing of them is run, and what is no UTF-8 becomes U+FFFD.
/// ShapeError when weights and tokens differ in number, DTypeError unless the weights are floats, Error without a map.
std::string attention_page(const AttentionPage& page);

}  // namespace heed::nn

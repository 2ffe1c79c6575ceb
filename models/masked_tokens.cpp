#include "heed/models/masked_tokens.h"

#include <fmt/format.h>

#include "heed/tensor/check_shapes.h"
#include "heed/tensor/create.h"

namespace heed::models {
namespace {

void check(const Tensor& ids, const Tensor& allowed, const MaskedTokensConfig& c) {
  check_shapes("mask_tokens", {{"ids", ids, "B T"}, {"allowed", allowed, "B T", true}});
  if (ids.dtype() != DType::i64) throw_dtype("mask_tokens", ids.dtype(), "i64");
  if (allowed.defined() && allowed.dtype() != DType::boolean) throw_dtype("mask_tokens", allowed.dtype(), "bool");
  if (c.mask_token < 0 || c.mask_token >= c.vocabulary)
    throw IndexError(fmt::format("mask_tokens: mask_token {} of {} tokens", c.mask_token, c.vocabulary));
  for (const double rate : {c.rate, c.hidden, c.replaced, c.hidden + c.replaced})
    if (!(rate >= 0 && rate <= 1))
      throw Error(
          fmt::format("mask_tokens: rate {}, hidden {}, replaced {}: expected numbers in [0, 1], and of the last "
                      "two the sum too",
                      c.rate, c.hidden, c.replaced));
}

}  // namespace

MaskedTokens mask_tokens(const Tensor& given, const Tensor& allowed, const MaskedTokensConfig& c,
                         Generator& generator) {
  check(given, allowed, c);
  MaskedTokens result{given.clone(), zeros(given.shape(), DType::boolean)};
  const Tensor may = allowed.defined() ? allowed.contiguous() : ones(given.shape(), DType::boolean);
  std::int64_t* id = result.ids.mutable_data<std::int64_t>();
  bool* chosen = result.chosen.mutable_data<bool>();
  for (std::int64_t i = 0; i < given.numel(); ++i) {
    if (!may.data<bool>()[i] || generator.uniform() >= c.rate) continue;
    chosen[i] = true;
    const double fate = generator.uniform();
    if (fate < c.hidden)
      id[i] = c.mask_token;
    else if (fate < c.hidden + c.replaced)
      id[i] = generator.uniform_int(c.vocabulary);
  }
  return result;
}

}  // namespace heed::models

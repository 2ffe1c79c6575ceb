// Scaled dot-product attention, fused and by its definition, equals PyTorch's.
#include "heed/autograd/fused/scaled_dot_product_attention.h"

#include "parity/golden.h"
#include "support/catch.h"

using namespace heed;

TEST_CASE("scaled dot-product attention equals PyTorch's", "[parity][attention]") {
  using Attend = Variable(const Variable&, const Variable&, const Variable&, const Variable&, const AttentionOptions&);
  for (Attend* attend : {static_cast<Attend*>(scaled_dot_product_attention),
                         static_cast<Attend*>(scaled_dot_product_attention_definition)})
    for (test::Golden& golden : test::goldens("scaled_dot_product_attention")) {
      AttentionOptions options{.scale = golden.number("scale")};
      if (golden.has("in/mask")) options.mask = golden.tensor("in/mask");
      if (golden.integer("causal") != 0) options.causal = true, options.causal_offset = 0;  // where PyTorch has it
      const Variable bias = golden.has("in/bias") ? golden.input("bias") : Variable();
      const Variable query = golden.input("query"), key = golden.input("key"), value = golden.input("value");
      golden.compare({{"y", attend(query, key, value, bias, options)}});
    }
}

// Who computes products, for the length of a scope.
#pragma once

#include "heed/tensor/runtime.h"

namespace heed::test {

class Reproducible {
 public:
  explicit Reproducible(bool on) : before_(reproducible()) { set_reproducible(on); }
  ~Reproducible() { set_reproducible(before_); }
  Reproducible(const Reproducible&) = delete;
  Reproducible& operator=(const Reproducible&) = delete;

 private:
  bool before_;
};

}  // namespace heed::test

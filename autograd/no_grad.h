// NoGrad: a scope in which nothing is recorded.
#pragma once

namespace heed {

/// While one lives, operations of this thread record nothing. Nests.
class NoGrad {
 public:
  NoGrad();
  ~NoGrad();
  NoGrad(const NoGrad&) = delete;
  NoGrad& operator=(const NoGrad&) = delete;

 private:
  bool before_;
};

/// False while a NoGrad lives on this thread.
bool grad_enabled();

}  // namespace heed

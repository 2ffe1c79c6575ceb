#include "heed/autograd/no_grad.h"

#include <utility>

namespace heed {
namespace {

thread_local bool enabled = true;

}  // namespace

NoGrad::NoGrad() : before_(std::exchange(enabled, false)) {}
NoGrad::~NoGrad() { enabled = before_; }
bool grad_enabled() { return enabled; }

}  // namespace heed

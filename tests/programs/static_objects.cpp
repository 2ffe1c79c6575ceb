// Tensors and parallel loops in the constructor of one static object and the destructors of two: one constructed before
// everything of heed's and so destroyed last, one constructed on first use. Run by tensor/internal/parallel.cpp; prints
// one line for each that went right.
#include <heed.h>

#include <cstdio>

using namespace heed;

namespace {

void compute(const char* when) {
  const Tensor e = exp(ones({1000000}));
  const Tensor product = matmul(ones({300, 400}), ones({400, 500}));
  const Variable w(ones({200000}, DType::f64), true);
  backward(sum(w * w));
  const double error = e.data<float>()[999999] - 2.718281828, gradient = w.grad().data<double>()[199999];
  const bool right = error * error < 1e-12 && product.data<float>()[149999] == 400.0f && gradient == 2.0;
  std::printf("%s: %s\n", when, right ? "right" : "wrong");
  std::fflush(stdout);
}

struct AtExit {
  const char* when;
  bool at_start = false;
  AtExit(const char* name, bool start) : when(name), at_start(start) {
    if (at_start) compute("constructor");
  }
  ~AtExit() { compute(when); }
};

__attribute__((init_priority(101))) AtExit last("last destructor", true);

}  // namespace

int main() {
  set_threads(4);  // more than a small machine has: the permission for that must last to the end too
  static AtExit first("first destructor", false);
  compute("main");
}

// What OpenBLAS needs to be told: one thread a call, its kernels on processors newer than itself, and how many calls it
// can bear at a time. Another CBLAS needs nothing of this, and gets nothing.
#pragma once

namespace heed {

/// While one lives, OpenBLAS runs each call on the thread that calls; when the last is gone, the program's own
/// openblas_set_num_threads holds again. The count belongs to the process, so products that the program asks of
/// OpenBLAS itself meanwhile run on one thread too, and a count it sets meanwhile is taken over by heed's products.
class OneBlasThread {
 public:
  OneBlasThread();
  ~OneBlasThread();
  OneBlasThread(const OneBlasThread&) = delete;
  OneBlasThread& operator=(const OneBlasThread&) = delete;
};

namespace detail {
void call_blas(void (*body)(void* context), void* context);
}

/// Calls body(), which calls BLAS: alone where the library is serial, else beside as many others as it has work buffers
/// for.
template <class Body>
void call_blas(Body body) {
  detail::call_blas([](void* context) { (*static_cast<Body*>(context))(); }, &body);
}

}  // namespace heed

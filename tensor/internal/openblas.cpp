#include "heed/tensor/internal/openblas.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <mutex>
#include <string_view>

#include "heed/tensor/internal/call_limit.h"
#include "heed/tensor/runtime.h"

// Only OpenBLAS has these; another CBLAS leaves them null.
extern "C" {
[[gnu::weak]] void openblas_set_num_threads(int);  // of the whole process; so is what is called its local variant
[[gnu::weak]] int openblas_get_num_threads();
[[gnu::weak]] int openblas_get_parallel();  // 0: serial, 1: its own threads, 2: OpenMP
[[gnu::weak]] char* openblas_get_config();
[[gnu::weak]] char* openblas_get_corename();
[[gnu::weak]] void gotoblas_dynamic_quit();
[[gnu::weak]] void gotoblas_dynamic_init();
}

namespace heed {
namespace {

// An OpenBLAS that finds an Intel processor newer than itself in no table of its falls back to Prescott's kernels, a
// third of the speed (0.3.21 on Emerald Rapids). Naming the kernels and having them chosen anew mends that; a choice of
// the user's own is left alone. Why this way: docs/choices/blas-core.md.
void choose_core() {
#if defined(__x86_64__)
  if (!openblas_get_corename || !gotoblas_dynamic_quit || !gotoblas_dynamic_init || std::getenv("OPENBLAS_CORETYPE"))
    return;
  if (std::string_view(openblas_get_corename()) != "Prescott") return;
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  if (!avx2) return;
  setenv("OPENBLAS_CORETYPE", avx512 ? "SkylakeX" : "Haswell", 1);
  gotoblas_dynamic_quit();
  gotoblas_dynamic_init();
  unsetenv("OPENBLAS_CORETYPE");
#endif
}

// How calls must be made, asked once.
struct Blas {
  bool serial = false, own_threads = false, openmp = false;
  void (*omp_set_num_threads)(int) = nullptr;
  int (*omp_get_max_threads)() = nullptr;
  int most_calls = 0;  // at a time; 0: any number

  Blas() {
    choose_core();
    if (!openblas_get_parallel || !openblas_get_config) return;
    const int kind = openblas_get_parallel();
    serial = kind == 0;
    own_threads = kind == 1 && openblas_set_num_threads && openblas_get_num_threads;
    if (kind == 2) {
      // Weak symbols would be null in a program that was linked with OpenBLAS's other flavour.
      omp_set_num_threads = reinterpret_cast<void (*)(int)>(dlsym(RTLD_DEFAULT, "omp_set_num_threads"));
      omp_get_max_threads = reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "omp_get_max_threads"));
      openmp = omp_set_num_threads && omp_get_max_threads;
    }
    most_calls = calls_at_a_time(openblas_get_config());
  }

 private:
  // OpenBLAS ends the process when a call finds all its work buffers taken: max(50, 2 · MAX_THREADS) of them, and newer
  // ones (0.3.21 is) print a warning there and have 512 more. Its own threads keep one each, MAX_THREADS - 1 at most.
  static int calls_at_a_time(std::string_view config) {
    constexpr std::string_view name = "MAX_THREADS=";
    const std::size_t place = config.find(name);
    int threads = 0;
    if (place != config.npos)
      std::from_chars(config.data() + place + name.size(), config.data() + config.size(), threads);
    return std::max(threads, 25);
  }
};

const Blas& blas() {
  static const Blas result;  // made by the first product, should that be a static object's
  return result;
}

// Before main as a rule, while the process has one thread: the environment is touched. See choose_core.
[[maybe_unused]] const Blas& made_before_main = blas();

// A serial OpenBLAS (openblas_get_parallel() is 0) shares its work buffers between callers without a lock: on Debian 13
// whole products come out wrong. Its calls go one at a time.
std::mutex one_at_a_time;
std::unique_lock<std::mutex> lock_if_serial() {
  return blas().serial ? std::unique_lock(one_at_a_time) : std::unique_lock<std::mutex>();
}

// A call to OpenBLAS: no more of them at a time than it has work buffers for.
class Call {
 public:
  Call() {
    if (limit()) limit()->enter();
  }
  ~Call() {
    if (limit()) limit()->leave();
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

 private:
  static CallLimit* limit() {  // never destroyed: a static object of the program's may multiply to the last
    static CallLimit* const result = blas().most_calls > 0 ? new CallLimit(blas().most_calls) : nullptr;
    return result;
  }
};

// An OpenBLAS built on OpenMP takes as many threads as OpenMP would in the thread that calls: one, while this lives.
class OneOpenMpThread {
 public:
  OneOpenMpThread() : before_(blas().openmp ? blas().omp_get_max_threads() : 1) {
    if (before_ != 1) blas().omp_set_num_threads(1);
  }
  ~OneOpenMpThread() {
    if (before_ != 1) blas().omp_set_num_threads(before_);
  }
  OneOpenMpThread(const OneOpenMpThread&) = delete;
  OneOpenMpThread& operator=(const OneOpenMpThread&) = delete;

 private:
  int before_;
};

// An OpenBLAS with threads of its own has one count for the whole process.
std::mutex count_guard;
std::int64_t count_users = 0;
int count_before = 1;  // the program's, while there are users

}  // namespace

void detail::call_blas(void (*body)(void* context), void* context) {
  const auto lock = lock_if_serial();
  const OneOpenMpThread one_thread;
  const Call call;
  body(context);
}

OneBlasThread::OneBlasThread() {
  if (!blas().own_threads) return;
  std::lock_guard lock(count_guard);
  if (count_users++ > 0) return;
  count_before = openblas_get_num_threads();
  if (count_before != 1) openblas_set_num_threads(1);
}

OneBlasThread::~OneBlasThread() {
  if (!blas().own_threads) return;
  std::lock_guard lock(count_guard);
  if (--count_users > 0 || count_before == 1) return;
  if (openblas_get_num_threads() == 1) openblas_set_num_threads(count_before);  // else the program has set another
}

std::string blas_description() {
  blas();
  if (!openblas_get_config || !openblas_get_corename) return "CBLAS";
  return fmt::format("{} (running {})", openblas_get_config(), openblas_get_corename());
}

}  // namespace heed

#include "bits/hashes.h"
#include "heed/tensor/kernels/activation.h"
#include "heed/tensor/kernels/additive_score.h"
#include "heed/tensor/kernels/elementwise.h"
#include "heed/tensor/kernels/gru.h"
#include "heed/tensor/kernels/layer_norm.h"
#include "heed/tensor/kernels/log_sum_exp.h"
#include "heed/tensor/kernels/optim.h"
#include "heed/tensor/kernels/reduce.h"
#include "heed/tensor/kernels/softmax.h"
#include "heed/tensor/kernels/vector_product.h"
#include "support/rows.h"

namespace heed::test {
namespace {

using namespace kernels;

constexpr std::size_t lengths[] = {1,   2,   3,    4,    5,    7,    8,    9,    12,   15,  16,  17,
                                   20,  24,  25,   31,   32,   33,   40,   48,   50,   63,  64,  65,
                                   96,  97,  100,  127,  128,  129,  200,  255,  256,  257, 300, 511,
                                   512, 513, 1000, 1023, 1024, 1025, 2049, 4099, 5000, 7171};

template <class T>
class Kernels {
 public:
  Kernels(std::string dtype, Hashes& hashes) : dtype_(std::move(dtype)), hashes_(hashes) {}

  void all() {
    elementwise_functions();
    rows("sum",
         [](BitHash& hash, auto& x, auto&, auto&, std::size_t n) { hash.add(reduce().of<T>().sum(x.data(), n)); });
    rows("sum_of_squares", [](BitHash& hash, auto& x, auto&, auto&, std::size_t n) {
      hash.add(reduce().of<T>().sum_of_squares(x.data(), n));
    });
    rows("max",
         [](BitHash& hash, auto& x, auto&, auto&, std::size_t n) { hash.add(reduce().of<T>().max(x.data(), n)); });
    softmax_functions();
    additive_scores();
    layer_norms();
    rms_norms();
    gru_steps();
    products();
    rows("adam", [](BitHash& hash, auto& x, auto& m, auto& v, std::size_t n) {
      const std::vector<T> gradient = random_row<T>(n, -2, 2, n + 3);
      for (T& number : v) number *= number;
      optim().of<T>().adam({0.9, 0.999, 0.01, 0.3, 1e-8}, gradient.data(), m.data(), v.data(), x.data(), n);
      hash.add(x), hash.add(m), hash.add(v);
    });
  }

 private:
  void keep(const std::string& name, const BitHash& hash) { hashes_["kernel " + name + " " + dtype_] = hash.str(); }

  // body(hash, x, y, z, n) for rows of every length.
  template <class Body>
  void rows(const std::string& name, const Body& body) {
    BitHash hash;
    for (std::size_t n : lengths) {
      std::vector<T> x = random_row<T>(n, -4, 4, n), y = random_row<T>(n, -3, 3, n + 1),
                     z = random_row<T>(n, -2, 2, n + 2);
      body(hash, x, y, z, n);
    }
    keep(name, hash);
  }

  void elementwise_functions() {
    std::vector<T> x = special_numbers<T>();
    for (double size : {1.0, 20.0, 100.0, 800.0})
      for (T number : random_row<T>(2000, -size, size, 9)) x.push_back(number);
    std::vector<T> y(x.size());
    for (auto [name, op] : {std::pair("sqrt", Unary::sqrt), std::pair("exp", Unary::exp), std::pair("log", Unary::log),
                            std::pair("tanh", Unary::tanh), std::pair("sigmoid", Unary::sigmoid)}) {
      elementwise().of<T>().unary(op, x.data(), y.data(), x.size());
      BitHash hash;
      hash.add(y);
      keep(name, hash);
    }
    for (auto [name, f] : {std::pair("erf", Activation::erf), std::pair("leaky_relu", Activation::leaky_relu),
                           std::pair("elu", Activation::elu), std::pair("gelu", Activation::gelu),
                           std::pair("gelu_tanh", Activation::gelu_tanh), std::pair("silu", Activation::silu),
                           std::pair("softplus", Activation::softplus)}) {
      activation().of<T>().apply(f, T{0.3f}, x.data(), y.data(), x.size());
      BitHash hash;
      hash.add(y);
      keep(name, hash);
    }
    const std::vector<T> reversed(x.rbegin(), x.rend());
    BitHash hash;
    for (Binary op : {Binary::add, Binary::sub, Binary::mul, Binary::div, Binary::maximum, Binary::minimum}) {
      elementwise().of<T>().binary(op, x.data(), reversed.data(), y.data(), x.size());
      hash.add(y);
    }
    keep("binary", hash);
  }

  void softmax_functions() {
    rows("softmax", [](BitHash& hash, auto& x, auto& y, auto&, std::size_t n) {
      softmax().of<T>().softmax(x.data(), nullptr, y.data(), n);
      hash.add(y);
    });
    rows("log_softmax", [](BitHash& hash, auto& x, auto& y, auto&, std::size_t n) {
      softmax().of<T>().log_softmax(x.data(), nullptr, y.data(), n);
      hash.add(y);
    });
    rows("masked softmax", [](BitHash& hash, auto& x, auto& y, auto& z, std::size_t n) {
      std::vector<unsigned char> shown(n);
      for (std::size_t i = 0; i < n; ++i) shown[i] = z[i] > -1;
      const bool* mask = reinterpret_cast<const bool*>(shown.data());
      softmax().of<T>().softmax(x.data(), mask, y.data(), n);
      hash.add(y);
      softmax().of<T>().log_softmax(x.data(), mask, y.data(), n);
      hash.add(y);
    });
    rows("softmax backward", [](BitHash& hash, auto& x, auto& y, auto& z, std::size_t n) {
      softmax().of<T>().backward(x.data(), y.data(), z.data(), n);
      hash.add(z);
    });
    rows("log_sum_exp", [](BitHash& hash, auto& x, auto& y, auto&, std::size_t n) {
      const LogSumExp<T> shift = log_sum_exp().of<T>().log_sum_exp(x.data(), n);
      log_sum_exp().of<T>().scaled_exp(T{0.7f}, shift, x.data(), y.data(), n);
      hash.add(shift.max), hash.add(shift.rest), hash.add(y);
    });
    rows("sum_below", [](BitHash& hash, auto& x, auto&, auto&, std::size_t n) {
      hash.add(log_sum_exp().of<T>().sum_below(T{3}, x.data(), n));
    });
  }

  void additive_scores() {
    rows("additive_score", [](BitHash& hash, auto& q, auto& k, auto& v, std::size_t n) {
      hash.add(additive_score().of<T>().forward(q.data(), k.data(), v.data(), n));
      std::vector<T> dq = q, dk = k, dv = v;
      additive_score().of<T>().backward(T{0.7f}, q.data(), k.data(), v.data(), dq.data(), dk.data(), dv.data(), n);
      hash.add(dq), hash.add(dk), hash.add(dv);
    });
  }

  void layer_norms() {
    rows("layer_norm", [](BitHash& hash, auto& x, auto& weight, auto& bias, std::size_t n) {
      std::vector<T> y(n), dx(n), dw = weight, db = bias;
      const auto row = layer_norm().of<T>().forward(x.data(), weight.data(), bias.data(), T{1e-5f}, y.data(), n);
      layer_norm().of<T>().backward(row, x.data(), weight.data(), bias.data(), dx.data(), dw.data(), db.data(), n);
      hash.add(row.mean), hash.add(row.rest), hash.add(row.scale);
      hash.add(y), hash.add(dx), hash.add(dw), hash.add(db);
    });
  }

  void rms_norms() {
    rows("rms_norm", [](BitHash& hash, auto& x, auto& weight, auto& dy, std::size_t n) {
      std::vector<T> y(n), dx(n), dw = weight;
      const auto row = layer_norm().of<T>().rms_forward(x.data(), weight.data(), nullptr, T{1e-5f}, y.data(), n);
      layer_norm().of<T>().rms_backward(row, x.data(), weight.data(), dy.data(), dx.data(), dw.data(), nullptr, n);
      hash.add(row.scale), hash.add(y), hash.add(dx), hash.add(dw);
    });
  }

  void gru_steps() {
    BitHash hash;
    for (std::size_t n : {1u, 7u, 16u, 33u, 100u}) {
      const std::vector<T> x = random_row<T>(3 * n, -2, 2, n), u = random_row<T>(3 * n, -2, 2, n + 1),
                           h = random_row<T>(n, -1, 1, n + 2), dy = random_row<T>(n, -2, 2, n + 3);
      std::vector<T> gates(3 * n), y(n), dx(3 * n), du(3 * n), dh(n);
      gru().of<T>().forward(x.data(), u.data(), h.data(), gates.data(), y.data(), n);
      gru().of<T>().backward(u.data(), h.data(), gates.data(), dy.data(), dx.data(), du.data(), dh.data(), n);
      hash.add(gates), hash.add(y), hash.add(dx), hash.add(du), hash.add(dh);
      gru().of<T>().gates(x.data(), u.data(), h.data(), gates.data(), y.data(), n);
      gru().of<T>().blend(x.data(), u.data() + 2 * n, h.data(), gates.data(), y.data(), n);
      gru().of<T>().blend_backward(h.data(), gates.data(), dy.data(), dx.data(), dh.data(), n);
      gru().of<T>().gates_backward(h.data(), gates.data(), y.data(), dx.data(), dh.data(), n);
      hash.add(gates), hash.add(y), hash.add(dx), hash.add(dh);
    }
    keep("gru", hash);
  }

  void products() {
    BitHash by_rows, by_columns;
    for (std::size_t m : {1u, 3u, 4u, 7u, 17u, 100u, 700u, 2500u})
      for (std::size_t k : {1u, 4u, 15u, 16u, 17u, 40u, 100u, 515u, 1030u, 4100u}) {
        if (m * k > 300'000) continue;
        const std::vector<T> a = random_row<T>(m * k, -2, 2, m), x = random_row<T>(std::max(m, k), -2, 2, k);
        for (const T beta : {T{0}, T{1}}) {
          std::vector<T> y = random_row<T>(m, -2, 2, 5), z = random_row<T>(k, -2, 2, 6);
          vector_product().of<T>().matrix_times_column(a.data(), k, x.data(), m, k, beta, y.data(), 1);
          vector_product().of<T>().row_times_matrix(x.data(), a.data(), k, m, k, beta, z.data(), 1);
          by_rows.add(y), by_columns.add(z);
        }
      }
    keep("matrix times column", by_rows);
    keep("row times matrix", by_columns);
  }

  std::string dtype_;
  Hashes& hashes_;
};

}  // namespace

void hash_kernels(Hashes& hashes) {
  Kernels<float>("f32", hashes).all();
  Kernels<double>("f64", hashes).all();
}

}  // namespace heed::test

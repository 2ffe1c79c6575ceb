// Gate rows of a gated recurrent unit, for one example; H numbers per gate.
// Gate order is PyTorch's: reset r, update z, new n. `x` holds the input gates W_ih·x + b_ih of all three (3H), `h` the
// previous state (H). Two placements of the reset gate:
//   after the product (PyTorch, cuDNN):  n = tanh(x_n + r∘u_n)   u = W_hh·h + b_hh (3H)
//   before the product (Cho 2014, Bahdanau 2015):  n = tanh(x_n + u_n)   u_n = W_hn·(r∘h) + b_hn, computed after the
//   gates
// Both: r = sigmoid(x_r + u_r), z = sigmoid(x_z + u_z), h' = (1 - z)∘n + z∘h.
#pragma once

#include <cstddef>

#include "heed/tensor/kernels/table.h"

namespace heed::kernels {

template <class T>
struct GruKernels {
  /// Reset after: gates[0..3H) = r, z, n and y[0..H) = h'. u is 3H long.
  void (*forward)(const T* x, const T* u, const T* h, T* gates, T* y, std::size_t hidden);

  /// Its gradient: dx [3H] for x, du [3H] for u (its n part is dx_n∘r), dh [H] for h *through the blend only* (dy∘z).
  void (*backward)(const T* u, const T* h, const T* gates, const T* dy, T* dx, T* du, T* dh, std::size_t hidden);

  /// Reset before, first half: gates[0..2H) = r, z from x and u (both read at [0, 2H)); reset_h[0..H) = r∘h.
  void (*gates)(const T* x, const T* u, const T* h, T* gates, T* reset_h, std::size_t hidden);

  /// Reset before, second half: gates[2H..3H) = n = tanh(x[2H..3H) + u_n), y = (1 - z)∘n + z∘h.
  void (*blend)(const T* x, const T* u_n, const T* h, T* gates, T* y, std::size_t hidden);

  /// Gradient of the second half: dx[2H..3H) = d(pre-activation of n), dx[H..2H) = d(pre-activation of z), dh = dy∘z.
  void (*blend_backward)(const T* h, const T* gates, const T* dy, T* dx, T* dh, std::size_t hidden);

  /// Gradient of the first half, given dreset_h [H] = gradient of r∘h: dx[0..H) = d(pre-activation of r),
  /// dh += dreset_h∘r.
  void (*gates_backward)(const T* h, const T* gates, const T* dreset_h, T* dx, T* dh, std::size_t hidden);
};

/// The functions of the instruction set in use.
Tables<GruKernels> gru();

}  // namespace heed::kernels

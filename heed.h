// heed: tensors, automatic differentiation, and the attention and sequence models built on them. The whole public face
// in one include; each folder's umbrella and each header can be included by itself as well.
#pragma once

#include "heed/autograd.h"
#include "heed/models.h"
#include "heed/nn.h"
#include "heed/tensor.h"

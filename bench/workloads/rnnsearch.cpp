#include "workloads/rnnsearch.h"

#include <memory>

#include "heed/autograd/backward.h"
#include "heed/autograd/fused/cross_entropy.h"
#include "heed/models/rnnsearch.h"
#include "heed/nn/optim/adam.h"
#include "heed/nn/optim/clip.h"
#include "workloads/training.h"

namespace heed::bench {
namespace {

Step prepare(const RnnSearchSizes& s) {
  const auto model =
      std::make_shared<models::RnnSearch>(models::RnnSearchConfig{.source_vocabulary = s.source_vocabulary,
                                                                  .target_vocabulary = s.target_vocabulary,
                                                                  .embedding = s.hidden / 2,
                                                                  .hidden = s.hidden,
                                                                  .alignment = s.hidden,
                                                                  .maxout = s.hidden / 2},
                                          nn::ParameterSource::zeros());
  set_weights(*model);
  const auto adam = std::make_shared<nn::Adam>(nn::parameters(*model), nn::Adam::Config{.learning_rate = 1e-3});
  const Tensor shorter = ids("lengths", {s.batch}, s.source / 4 + 1);
  std::vector<std::int64_t> lengths;
  for (std::int64_t b = 0; b < s.batch; ++b) lengths.push_back(s.source - shorter.data<std::int64_t>()[b]);
  return [=, source = models::SourceBatch{ids("source", {s.batch, s.source}, s.source_vocabulary), lengths},
          target = ids("target", {s.batch, s.target}, s.target_vocabulary),
          labels = ids("labels", {s.batch, s.target}, s.target_vocabulary)] {
    adam->zero_grad();
    const Variable loss = cross_entropy(model->forward(source, target).logits, labels);
    backward(loss);
    nn::clip_grad_norm(adam->parameters(), 1);
    adam->step();
    return loss.item();
  };
}

const bool registered = register_rows(rnnsearches, prepare);

}  // namespace
}  // namespace heed::bench

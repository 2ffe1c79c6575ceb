// All of models/: the systems built of layers, and generators of the tasks they are shown on.
#pragma once

#include "heed/models/forecaster.h"
#include "heed/models/mlp_classifier.h"
#include "heed/models/mlp_lm.h"
#include "heed/models/ngram.h"
#include "heed/models/recurrent_lm.h"
#include "heed/models/rnnsearch.h"
#include "heed/models/tasks/date.h"
#include "heed/models/tasks/digits.h"
#include "heed/models/tasks/latch.h"
#include "heed/models/tasks/made_up_names.h"
#include "heed/models/tasks/markov.h"
#include "heed/models/tasks/requests.h"
#include "heed/models/tasks/seasonal.h"
#include "heed/models/tasks/shifted_labels.h"
#include "heed/models/tasks/sums.h"
#include "heed/models/text_classifier.h"

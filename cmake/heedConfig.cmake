# find_package(heed): the target heed::heed, and heed::tensor, heed::autograd, heed::nn, heed::models one by one.
include(${CMAKE_CURRENT_LIST_DIR}/heedDependencies.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/heedTargets.cmake)

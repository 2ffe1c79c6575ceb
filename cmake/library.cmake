# Headers are named with the prefix heed/ ("heed/tensor/shape.h"), so that a user's own tensor/shape.h cannot stand in for
# heed's: the include folder of the build holds links to the folders, an installed one their headers.
set(HEED_INCLUDE_DIR ${PROJECT_BINARY_DIR}/include)
file(MAKE_DIRECTORY ${HEED_INCLUDE_DIR}/heed)
file(CREATE_LINK ${PROJECT_SOURCE_DIR}/heed.h ${HEED_INCLUDE_DIR}/heed.h SYMBOLIC)  # <heed.h>
set(HEED_UMBRELLAS heed.h tensor.h autograd.h nn.h models.h)
foreach(header ${HEED_UMBRELLAS})
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/${header} ${HEED_INCLUDE_DIR}/heed/${header} SYMBOLIC)
endforeach()

# heed_add_library(<folder> [<folder below>]): the library target heed_<folder>, for users heed::<folder>, made of every
# source in that folder. The library below is part of its interface; what else it links is PRIVATE.
function(heed_add_library folder)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.cpp)
  add_library(heed_${folder} ${sources})
  add_library(heed::${folder} ALIAS heed_${folder})
  set_target_properties(heed_${folder} PROPERTIES
    EXPORT_NAME ${folder}
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}  # 0.x: a minor may break
    INSTALL_RPATH $ORIGIN  # shared libraries find each other wherever they are moved to
    DEFINE_SYMBOL "")      # nothing asks whether it is compiled for a shared library
  get_target_property(type heed_${folder} TYPE)
  if(type STREQUAL SHARED_LIBRARY)  # whatever a project around heed says of its own libraries:
    set_target_properties(heed_${folder} PROPERTIES CXX_VISIBILITY_PRESET default VISIBILITY_INLINES_HIDDEN OFF)
    # Or g++ 12 links code into it that makes every subnormal number of the program 0.
    target_link_options(heed_${folder} PRIVATE -fno-fast-math -fno-unsafe-math-optimizations)
  endif()
  if(NOT DEFINED CMAKE_POSITION_INDEPENDENT_CODE)  # for plug-ins and Python modules
    set_target_properties(heed_${folder} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_compile_options(heed_${folder} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fno-semantic-interposition>)  # and inlining stays
  endif()
  if(NOT PROJECT_IS_TOP_LEVEL)
    set_target_properties(heed_${folder} PROPERTIES SYSTEM ON)  # a project's flags for warnings are not for heed's headers
  endif()
  target_compile_features(heed_${folder} PUBLIC cxx_std_20)
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/${folder} ${HEED_INCLUDE_DIR}/heed/${folder} SYMBOLIC)
  target_include_directories(heed_${folder} PUBLIC
    $<BUILD_INTERFACE:${HEED_INCLUDE_DIR}> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(heed_${folder} PRIVATE $<BUILD_INTERFACE:heed_options> fmt::fmt)
  foreach(below ${ARGN})
    target_link_libraries(heed_${folder} PUBLIC heed_${below})
  endforeach()
endfunction()

# Headers are named with the prefix heed/ ("heed/tensor/shape.h"), so that a user's own tensor/shape.h cannot stand in for
# heed's: the include folder of the build holds links to the rooms, an installed one their headers.
set(HEED_INCLUDE_DIR ${PROJECT_BINARY_DIR}/include)
file(MAKE_DIRECTORY ${HEED_INCLUDE_DIR}/heed)
file(CREATE_LINK ${PROJECT_SOURCE_DIR}/heed.h ${HEED_INCLUDE_DIR}/heed.h SYMBOLIC)  # <heed.h>
set(HEED_UMBRELLAS heed.h tensor.h autograd.h nn.h models.h)
foreach(header ${HEED_UMBRELLAS})
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/${header} ${HEED_INCLUDE_DIR}/heed/${header} SYMBOLIC)
endforeach()

# heed_add_room(<room> [<room below>]): the library target heed_<room>, for users heed::<room>, made of every source
# that stands in the folder <room>. It shows its users the room below; what else it links is PRIVATE.
function(heed_add_room room)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${room}/*.cpp)
  add_library(heed_${room} ${sources})
  add_library(heed::${room} ALIAS heed_${room})
  set_target_properties(heed_${room} PROPERTIES
    EXPORT_NAME ${room}
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}  # 0.x: a minor may break
    INSTALL_RPATH $ORIGIN  # shared libraries find each other wherever they are moved to
    DEFINE_SYMBOL "")      # nothing asks whether it is compiled for a shared library
  get_target_property(type heed_${room} TYPE)
  if(type STREQUAL SHARED_LIBRARY)  # whatever a project around heed says of its own libraries:
    set_target_properties(heed_${room} PROPERTIES CXX_VISIBILITY_PRESET default VISIBILITY_INLINES_HIDDEN OFF)
    # Or g++ 12 links code into it that makes every subnormal number of the program 0.
    target_link_options(heed_${room} PRIVATE -fno-fast-math -fno-unsafe-math-optimizations)
  endif()
  if(NOT DEFINED CMAKE_POSITION_INDEPENDENT_CODE)  # for plug-ins and Python modules
    set_target_properties(heed_${room} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_compile_options(heed_${room} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fno-semantic-interposition>)  # and inlining stays
  endif()
  if(NOT PROJECT_IS_TOP_LEVEL)
    set_target_properties(heed_${room} PROPERTIES SYSTEM ON)  # a project's flags for warnings are not for heed's headers
  endif()
  target_compile_features(heed_${room} PUBLIC cxx_std_20)
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/${room} ${HEED_INCLUDE_DIR}/heed/${room} SYMBOLIC)
  target_include_directories(heed_${room} PUBLIC
    $<BUILD_INTERFACE:${HEED_INCLUDE_DIR}> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(heed_${room} PRIVATE $<BUILD_INTERFACE:heed_options> fmt::fmt)
  foreach(below ${ARGN})
    target_link_libraries(heed_${room} PUBLIC heed_${below})
  endforeach()
endfunction()

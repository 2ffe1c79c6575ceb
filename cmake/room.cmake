# Headers are named with the prefix heed/ ("heed/tensor/shape.h"), so that a user's own tensor/shape.h cannot stand in for
# heed's: the include folder of the build holds links to the rooms, an installed one their headers.
set(HEED_INCLUDE_DIR ${PROJECT_BINARY_DIR}/include)
file(MAKE_DIRECTORY ${HEED_INCLUDE_DIR}/heed)
foreach(link heed.h heed/heed.h)
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/heed.h ${HEED_INCLUDE_DIR}/${link} SYMBOLIC)
endforeach()

# heed_add_room(<room> [<room below>]): the library target heed_<room>, for users heed::<room>, made of every source
# that stands in the folder <room>. It shows its users the room below; what else it links is PRIVATE.
function(heed_add_room room)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${room}/*.cpp)
  add_library(heed_${room} ${sources})
  add_library(heed::${room} ALIAS heed_${room})
  set_target_properties(heed_${room} PROPERTIES
    EXPORT_NAME ${room} VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
  target_compile_features(heed_${room} PUBLIC cxx_std_20)
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/${room} ${HEED_INCLUDE_DIR}/heed/${room} SYMBOLIC)
  target_include_directories(heed_${room} PUBLIC
    $<BUILD_INTERFACE:${HEED_INCLUDE_DIR}> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(heed_${room} PRIVATE $<BUILD_INTERFACE:heed_options> fmt::fmt)
  foreach(below ${ARGN})
    target_link_libraries(heed_${room} PUBLIC heed_${below})
  endforeach()
endfunction()

# What every file of heed is compiled with. Options for users' programs do not belong here: heed_options is never installed.
option(HEED_WARNINGS_AS_ERRORS "Treat compiler warnings as errors" OFF)
set(HEED_SANITIZE "" CACHE STRING "Sanitizers to build with, for example address,undefined")

if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

# A project that has heed as a sub-directory sees none of its warnings, and its own flags for warnings stop no build of heed.
if(PROJECT_IS_TOP_LEVEL)
  set(heed_warnings -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Woverloaded-virtual)
else()
  set(heed_warnings -w)
endif()

add_library(heed_options INTERFACE)
target_compile_options(heed_options INTERFACE
  ${heed_warnings}
  # The promises about NaN, infinities and equal bits, and the exceptions, need these. They stand behind the flags of
  # CMAKE_CXX_FLAGS and of the build type, so that a project's -ffast-math or -fno-exceptions does not reach heed. Each
  # part of -ffast-math is named: GCC's -fno-fast-math does not take back one that was asked for by its own name.
  -fno-fast-math -fno-unsafe-math-optimizations -fno-finite-math-only -fno-associative-math -fno-reciprocal-math
  -fsigned-zeros -fexceptions -frtti
  -ffp-contract=off)  # a*b+c keeps the bits its text promises, with every compiler
if(NOT CMAKE_CONFIGURATION_TYPES)
  # A project that has heed as a sub-directory and names no build type would get it ten times slower: this is Release.
  # (Without NDEBUG g++ 12 warns of fmt's assertions.)
  target_compile_options(heed_options INTERFACE $<$<CONFIG:>:-O3>)
  target_compile_definitions(heed_options INTERFACE $<$<CONFIG:>:NDEBUG>)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(heed_options INTERFACE -Wno-restrict)  # g++ 12 sees an overlap in every "literal" + std::string
endif()
if(HEED_WARNINGS_AS_ERRORS)
  target_compile_options(heed_options INTERFACE -Werror)
endif()
if(HEED_SANITIZE)
  target_compile_options(heed_options INTERFACE
    -fsanitize=${HEED_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(heed_options INTERFACE -fsanitize=${HEED_SANITIZE})
  target_compile_definitions(heed_options INTERFACE HEED_PLAIN_MALLOC)  # a memory pool would hide errors
endif()

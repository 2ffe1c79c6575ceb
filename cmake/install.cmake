# cmake --install: the libraries, the headers as they stand here below include/heed/, and the package for
# find_package(heed), which offers heed::heed, and for pkg-config.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/heed)

install(TARGETS heed heed_tensor heed_autograd heed_nn heed_models EXPORT heed)
install(EXPORT heed NAMESPACE heed:: FILE heedTargets.cmake DESTINATION ${package_dir})
install(FILES heed.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})  # <heed.h>
install(FILES ${HEED_UMBRELLAS} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/heed)
install(DIRECTORY tensor autograd nn models DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/heed
  FILES_MATCHING PATTERN "*.h" PATTERN "kernels" EXCLUDE PATTERN "internal" EXCLUDE)

write_basic_package_version_file(heedConfigVersion.cmake COMPATIBILITY SameMinorVersion)  # 0.x: a minor may break
install(FILES cmake/heedConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/heedConfigVersion.cmake DESTINATION ${package_dir})
install(FILES cmake/dependencies.cmake DESTINATION ${package_dir} RENAME heedDependencies.cmake)

# The package for pkg-config finds its prefix from where it stands, so that an installed tree may be moved.
cmake_path(SET pkgconfig_dir NORMALIZE ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig)
cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX BASE_DIRECTORY ${pkgconfig_dir} OUTPUT_VARIABLE HEED_PC_PREFIX)
if(BUILD_SHARED_LIBS)  # brings by itself what it is linked with
  set(HEED_PC_REQUIRES Requires.private)
else()
  set(HEED_PC_REQUIRES Requires)
  set(HEED_PC_LIBS -ltbbmalloc)  # has no file for pkg-config
endif()
configure_file(cmake/heed.pc.in heed.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/heed.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

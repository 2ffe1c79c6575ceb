# cmake --install: the libraries, the headers as they stand here below include/heed/, and the package for
# find_package(heed), which offers heed::heed.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/heed)

install(TARGETS heed heed_tensor heed_autograd heed_nn heed_models EXPORT heed)
install(EXPORT heed NAMESPACE heed:: FILE heedTargets.cmake DESTINATION ${package_dir})
install(FILES heed.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})       # <heed.h>
install(FILES heed.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/heed)  # <heed/heed.h>
install(DIRECTORY tensor autograd nn models DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/heed
  FILES_MATCHING PATTERN "*.h" PATTERN "kernels" EXCLUDE)

write_basic_package_version_file(heedConfigVersion.cmake COMPATIBILITY SameMinorVersion)  # 0.x: a minor may break
install(FILES cmake/heedConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/heedConfigVersion.cmake DESTINATION ${package_dir})
install(FILES cmake/dependencies.cmake DESTINATION ${package_dir} RENAME heedDependencies.cmake)

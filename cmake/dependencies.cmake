# What heed is linked with. The build reads this file, and so does an installed heedConfig.cmake: a static library needs
# them again when a program is linked.
set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL ON)  # a project that has heed as a sub-directory must see them too
find_package(TBB REQUIRED)
find_package(fmt REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(HEED_HIGHWAY REQUIRED IMPORTED_TARGET GLOBAL libhwy>=1.0.3)
pkg_check_modules(HEED_UTF8PROC REQUIRED IMPORTED_TARGET GLOBAL libutf8proc)
pkg_search_module(HEED_CBLAS REQUIRED IMPORTED_TARGET GLOBAL openblas cblas blis)  # any CBLAS serves
unset(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL)

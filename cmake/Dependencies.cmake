# Every dependency is a Debian package. A missing one stops the configuration with the line that
# installs all that is missing. docs/architecture.md says why each is there.

set(MS_MISSING_PACKAGES "")

# ms_header(<variable> <header> <debian package>): a library that is used through its headers.
function(ms_header variable header package)
  find_path(${variable} ${header})
  mark_as_advanced(${variable})
  if(NOT ${variable})
    set(MS_MISSING_PACKAGES ${MS_MISSING_PACKAGES} ${package} PARENT_SCOPE)
  endif()
endfunction()

# ms_library(<target> <library> <header> <debian package>): a library that is linked.
function(ms_library target library header package)
  find_path(${target}_INCLUDE ${header})
  set(names ${library})
  if(MS_STATIC)
    set(names lib${library}.a ${library})
  endif()
  find_library(${target}_LIBRARY NAMES ${names})
  mark_as_advanced(${target}_INCLUDE ${target}_LIBRARY)
  if(NOT ${target}_INCLUDE OR NOT ${target}_LIBRARY)
    set(MS_MISSING_PACKAGES ${MS_MISSING_PACKAGES} ${package} PARENT_SCOPE)
    return()
  endif()
  add_library(${target} INTERFACE)
  target_link_libraries(${target} INTERFACE ${${target}_LIBRARY})
endfunction()

ms_header(MS_TOMLPLUSPLUS toml++/toml.h libtomlplusplus-dev)
ms_header(MS_NLOHMANN nlohmann/json.hpp nlohmann-json3-dev)
ms_header(MS_FMT fmt/format.h libfmt-dev)
ms_header(MS_CLI11 CLI/CLI.hpp libcli11-dev)
ms_library(ms_re2 re2 re2/re2.h libre2-dev)
ms_library(ms_hwloc hwloc hwloc.h libhwloc-dev)
ms_library(ms_yaml yaml yaml.h libyaml-dev)
ms_library(ms_zlib z zlib.h zlib1g-dev)
ms_library(ms_sqlite sqlite3 sqlite3.h libsqlite3-dev)
if(BUILD_TESTING OR NOT DEFINED BUILD_TESTING)
  ms_header(MS_DOCTEST doctest/doctest.h doctest-dev)
endif()
if(MS_BENCH)
  ms_library(ms_benchmark benchmark benchmark/benchmark.h libbenchmark-dev)
endif()

if(MS_MISSING_PACKAGES)
  list(JOIN MS_MISSING_PACKAGES " " packages)
  message(FATAL_ERROR "Some libraries are missing. Install them with:\n  apt-get install ${packages}\n")
endif()

find_package(Threads REQUIRED)

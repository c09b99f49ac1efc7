# A folder of src/ is a layer and a library. Its headers are included as "layer/file.hpp" and are
# visible only to the layers that link it: each library exports a directory of its own that holds one
# link, named like the layer, to its source folder. An #include of a layer further down the list of
# docs/architecture.md therefore does not compile.

set(MS_WARNINGS -Wall -Wextra -Wconversion -Wshadow -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 takes the joining of short strings for overlapping copies (GCC bug 105651).
  list(APPEND MS_WARNINGS -Wno-restrict)
endif()

add_library(ms_options INTERFACE)
# Sums of products are rounded alike on every processor: aarch64 would fuse them, and a report would differ in
# its last digits from that of x86_64.
target_compile_options(ms_options INTERFACE ${MS_WARNINGS} -ffp-contract=off)
target_link_libraries(ms_options INTERFACE Threads::Threads)
if(MS_SANITIZE)
  target_compile_options(ms_options INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=all
                                              -fno-omit-frame-pointer -O1)
  target_link_options(ms_options INTERFACE -fsanitize=address,undefined)
endif()
if(MS_STATIC)
  target_compile_definitions(ms_options INTERFACE MS_STATIC=1)
  # Not -static: its start-up code registers the tables of exceptions unsorted, and the first one that is thrown
  # sorts them all, for 3 ms. An executable that is position-independent searches the sorted table of its linker.
  target_link_options(ms_options INTERFACE -static-pie)
endif()
if(MS_FUZZ)
  target_compile_options(ms_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

# ms_layer(<name> [<layer it includes> ...]): the library ms_<name> of the current folder.
function(ms_layer name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  add_library(ms_${name} STATIC ${sources})
  set(exported ${CMAKE_BINARY_DIR}/include/${name})
  file(MAKE_DIRECTORY ${exported})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${exported}/${name} SYMBOLIC)
  target_include_directories(ms_${name} PUBLIC ${exported})
  target_link_libraries(ms_${name} PUBLIC ms_options)
  foreach(layer IN LISTS ARGN)
    target_link_libraries(ms_${name} PUBLIC ms_${layer})
  endforeach()
  # The slow headers are read once for all layers: a third of the time of a clean build.
  if(name STREQUAL "base")
    target_precompile_headers(ms_base PRIVATE <nlohmann/json.hpp> <fmt/format.h> <fmt/ranges.h> <algorithm>
                              <filesystem> <map> <optional> <string> <vector>)
  else()
    target_precompile_headers(ms_${name} REUSE_FROM ms_base)
  endif()
endfunction()

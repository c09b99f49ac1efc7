# ms_embed(<target> <symbol> <folder> <pattern> ...): compiles the files of a folder into a target, as
# the function `std::span<const EmbeddedFile> ms::embedded::<symbol>()` (base/embedded.hpp).
function(ms_embed target symbol folder)
  set(patterns ${ARGN})
  list(TRANSFORM patterns PREPEND ${folder}/)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${patterns})
  list(SORT files)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/embedded_${symbol}.cpp)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ms_embed_files ${output} ${symbol} ${folder} ${files}
    DEPENDS ${files} ms_embed_files
    COMMENT "Embedding ${symbol}"
    VERBATIM)
  target_sources(${target} PRIVATE ${output})
endfunction()

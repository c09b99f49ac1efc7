// Tests against what real hosts printed. The captures belong to their authors and are not part of the
// project: they are read from MS_CAPTURES, or from ../shared/data beside the project. Without them the
// program ends with status 77, which CTest shows as skipped.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>
#include <filesystem>

#include "captures.hpp"

int main(int argc, char** argv) {
  if (!std::filesystem::is_directory(ms::captures_folder())) {
    std::fprintf(stderr, "skipped: no captures in %s\n", ms::captures_folder().c_str());
    return 77;
  }
  return doctest::Context(argc, argv).run();
}

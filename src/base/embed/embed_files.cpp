// Writes a C++ source that holds files: OUTPUT SYMBOL FOLDER FILE... Run by the build (cmake/Embed.cmake).
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/toml_tree.hpp"

namespace {

// A string literal of any bytes. Octal escapes end after three digits, whatever follows; the literal is cut
// into pieces because compilers limit the length of one.
std::string literal(std::string_view bytes) {
  constexpr std::size_t kPiece = 8192;
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i % kPiece == 0) text += i == 0 ? "\"" : "\"\n    \"";
    const auto byte = static_cast<unsigned char>(bytes[i]);
    const bool plain = byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\' && byte != '?';
    text += plain ? std::string(1, bytes[i]) : fmt::format("\\{:03o}", byte);
  }
  return bytes.empty() ? "\"\"" : text + "\"";
}

std::string view(std::string_view bytes) {
  return fmt::format("std::string_view(\n    {}, {})", literal(bytes), bytes.size());
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() < 3) return 2;
  std::string source =
      "#include \"base/embedded.hpp\"\n\nnamespace ms::embedded {\nnamespace {\nconstexpr EmbeddedFile "
      "kFiles[] = {\n";
  try {
    for (std::size_t i = 3; i < arguments.size(); ++i) {
      const std::string& file = arguments[i];
      const std::string text = ms::read_document(file);
      const std::string packed =
          file.ends_with(".toml") ? ms::pack_toml(ms::read_toml_tree(text, file).root) : "";
      source +=
          fmt::format("  {{{},\n   {},\n   {}}},\n",
                      view(std::filesystem::relative(file, arguments[2]).string()), view(text), view(packed));
    }
    source += fmt::format(
        "}};\n}}  // namespace\nstd::span<const EmbeddedFile> {}() {{ return kFiles; }}\n}}  // namespace "
        "ms::embedded\n",
        arguments[1]);
    ms::write_file_atomically(arguments[0], source);
  } catch (const ms::InputError& e) {
    fmt::print(stderr, "{}\n", e.what());
    return 1;
  }
  return 0;
}

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "import/cel_writer.hpp"
#include "import/imported_pack.hpp"

namespace ms::import {

/// What a YAML rule is about: a place in a document, a variable, a fact, or the element of a list.
struct Subject {
  std::string root;               ///< "document.config", "env", "item"; with an empty path a whole expression
  std::vector<std::string> path;  ///< keys and "[0]" below it

  Subject child(std::string_view key) const;
  Cel cel() const;
  /// "ServerConfig.tokenTimeout", as a person writes it.
  std::string text() const;
};

/// The documents and variables that paths of a file of YAML rules speak of.
class YamlNames {
 public:
  explicit YamlNames(ImportedPack& pack) : pack_(pack) {}

  /// The document of a top-level key ("conf/config.json", "mies_config"), which is declared by this.
  std::string document(const std::string& key);
  /// The document that all other top-level keys are in.
  std::string rest();

  void add_variable(const std::string& name, const std::string& value);

  /// Where a path that is written in a rule about `here` leads. Throws Untranslatable.
  Cel resolve(std::string_view path, const Subject& here);

  /// Writes expressions of a rule about `here`, which must outlive the writer.
  CelWriter writer(const Subject& here);

  /// Whether the path exists that a CEL expression gives.
  Cel path_exists(const std::string& path);

 private:
  Cel relative(std::string_view path, const Subject& here) const;

  ImportedPack& pack_;
  std::vector<std::pair<std::string, std::string>> documents_;  // key, variable of CEL
  std::vector<std::pair<std::string, std::string>> variables_;  // name, CEL
};

/// Whether a top-level key is a document by itself: a file name, or mies_config.
bool names_document(std::string_view key);

}  // namespace ms::import

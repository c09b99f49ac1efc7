#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"

namespace ms::import {

/// What has no counterpart here, and why.
struct Omission {
  int line = 0;
  std::string construct;  ///< as it is written, shortened
  std::string reason;
  std::string severity = {};  ///< of the rule that is missing now; empty where it is no rule
};

/// A part of a rule that cannot be translated. The rule is left out; the others are not.
struct Untranslatable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct ImportedDocument {
  std::string name;
  std::string about;
  std::string format;  ///< "json" or "yaml"; empty where it is not said
};

struct ImportedContext {
  std::string name;
  std::string about;
  std::vector<std::string> options;  ///< the values that rules ask for
  bool open = false;                 ///< whether other values are meant to be given as well
};

/// What an imported rule expects: one of the short forms for a variable, or a condition.
struct Expectation {
  std::string variable;             ///< empty: `check` says it
  std::vector<std::string> values;  ///< one of these
  bool unset = false;               ///< or not set
  std::string check;                ///< in CEL
};

struct ImportedRule {
  std::string id;
  int line = 0;
  std::string severity;
  std::string title;
  std::string why;
  std::string expected;
  std::string when;      ///< in CEL; empty: always
  std::string for_each;  ///< in CEL; empty: once
  Expectation expectation;
};

/// What rules need to have asked of the host beyond its facts.
struct Questions {
  std::vector<std::string> paths;  ///< in CEL: whether these paths exist
  bool ports = false;              ///< which TCP ports are in use
  bool address = false;            ///< the address of this host

  bool empty() const { return paths.empty() && !ports && !address; }
};

/// A pack in the making.
struct ImportedPack {
  std::string source;  ///< name of the file
  std::string name;
  std::string version;
  std::string about;
  std::vector<ImportedDocument> documents;
  std::vector<ImportedContext> contexts;
  Questions questions;
  std::vector<ImportedRule> rules;
  std::vector<Omission> omissions;
  std::vector<Omission> notes;  ///< what was translated, but not as it stands there

  std::size_t assertions = 0;  ///< how many the file holds
};

/// "mindie.cmate" and 14 give "MINDIE-L14".
std::string rule_id(const std::string& source, int line);

/// An expression as a person reads it, without the signs that make a path.
std::string readable(std::string_view source);

/// One line of at most 100 bytes.
std::string shortened(std::string_view text);

/// The pack as TOML, with what was left out as comments at its end.
std::string to_toml(const ImportedPack& pack);

/// Reads and translates a .cmate file. Throws InputError for what is not one.
ImportedPack import_cmate(std::string_view text, const std::string& source);

/// Reads and translates a file of YAML rules. Throws InputError for what is none.
ImportedPack import_yaml_rules(std::string_view text, const std::string& source);

}  // namespace ms::import

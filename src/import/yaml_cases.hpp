#pragma once

#include <string>

#include "base/yaml.hpp"
#include "import/cel_writer.hpp"
#include "import/imported_pack.hpp"
#include "import/yaml_names.hpp"

namespace ms::import {

/// What the cases of YAML rules ask, in CEL. Each throws Untranslatable.
class YamlCases {
 public:
  explicit YamlCases(YamlNames& names) : names_(names) {}

  /// A case: `{type, value}`, an expression, absent or present. With `may_be_unset` nothing is right as well.
  Expectation test_of(const YamlNode& node, const Subject& subject, bool may_be_unset);

  /// A value: a number, a text, an expression, or a list of them.
  Cel literal(const YamlNode& node, const Subject& here);
  /// A value that an expression computes.
  std::string expression(const YamlNode& node, const Subject& here);
  /// An expression that is true or false.
  std::string condition(const YamlNode& node, const Subject& here);

  /// "== 600", "in [1, 2]", or the expression as it is written.
  static std::string readable(const YamlNode& node);

 private:
  Expectation comparison(const YamlNode& node, const Subject& subject, bool may_be_unset);
  std::string compared(const Cel& self, std::string_view sign, const YamlNode& value, const Subject& subject);
  std::string range(const YamlNode& value, const Subject& subject);

  YamlNames& names_;
};

}  // namespace ms::import

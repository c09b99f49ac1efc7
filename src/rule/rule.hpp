#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/lang.hpp"
#include "cel/environment.hpp"
#include "cel/program.hpp"
#include "cel/template.hpp"
#include "rule/finding.hpp"

namespace ms {

/// A text with {{expression}} holes, in both languages.
struct TextTemplate {
  cel::Template en;
  cel::Template zh;
};

/// What a rule's `fix` says, before its holes are filled in.
struct FixTemplate {
  std::vector<std::pair<cel::Template, cel::Template>> env;
  std::vector<cel::Template> unset;
  std::vector<cel::Template> commands;
  std::optional<TextTemplate> note;
};

/// One `[[rule]]`, checked and compiled: what the short forms say is a condition like any other.
struct Rule {
  std::string id;
  std::string defined_at;  ///< "precheck/env.toml:14"
  Severity severity = Severity::error;
  Text title;
  Text why;
  Text disputed;  ///< empty unless sources contradict each other
  std::vector<std::string> source;

  std::shared_ptr<const cel::Environment> scope;  ///< the names its expressions know; they refer to it
  std::optional<cel::Program> when;               ///< applicability; none means always
  std::optional<cel::Program> for_each;           ///< a list; each of its elements is `it` in what follows
  std::optional<cel::Template> element;           ///< how an element is named
  cel::Program check;                             ///< holds where the host is right
  bool errors_fail = false;                       ///< whether a check that goes wrong fails

  std::string fact;                          ///< the fact that is judged, or empty
  std::optional<std::string> variable;       ///< where `fact` is an environment variable, its name
  std::optional<std::string> default_value;  ///< what the software takes where the variable is not set
  TextTemplate expected;
  std::optional<TextTemplate> actual;  ///< none: the values of the facts that the check reads
  FixTemplate fix;
};

}  // namespace ms

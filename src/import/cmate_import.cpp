#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>

#include "base/text.hpp"
#include "import/cmate.hpp"
#include "import/cmate_names.hpp"
#include "import/expression_parser.hpp"
#include "import/imported_pack.hpp"

namespace ms::import {
namespace {

// What surrounds a statement.
struct Scope {
  std::vector<Guard> guards;  // outside of loops
  std::vector<Loop> loops;

  void add(Guard guard) { (loops.empty() ? guards : loops.back().guards).push_back(guard); }
};

bool leaves(const std::vector<Statement>& body) {
  return std::any_of(body.begin(), body.end(), [](const Statement& statement) {
    if (statement.kind == Statement::Kind::leave) return true;
    if (statement.kind == Statement::Kind::loop) return false;  // it leaves the inner loop
    return std::any_of(statement.branches.begin(), statement.branches.end(),
                       [](const Branch& branch) { return leaves(branch.body); });
  });
}

std::string metadata_text(const CmateFile& file, std::string_view name) {
  for (const Statement& statement : file.metadata) {
    const bool is_it = statement.kind == Statement::Kind::assign && statement.name == name;
    if (is_it && statement.value.is(Expression::Kind::text)) return statement.value.text;
  }
  return {};
}

class CmateImport {
 public:
  CmateImport(const CmateFile& file, const std::string& source) : file_(file), names_(assignments_, pack_) {
    pack_.source = source;
    pack_.name = metadata_text(file, "name");
    pack_.version = metadata_text(file, "version");
    pack_.about = metadata_text(file, "description");
  }

  ImportedPack run() {
    globals(file_.globals, {}, "");
    collect_inputs();
    for (const Partition& partition : file_.partitions) rules(partition, partition.rules, {}, "");
    return std::move(pack_);
  }

 private:
  template <class Body>
  void each_branch(const Statement& choice, const Scope& scope, const Body& body) {
    std::vector<Guard> earlier;
    for (const Branch& branch : choice.branches) {
      Scope inside = scope;
      for (const Guard& guard : earlier) inside.add(guard);
      if (branch.condition) {
        inside.add({&*branch.condition, false});
        earlier.push_back({&*branch.condition, true});
      }
      body(branch.body, inside);
    }
  }

  // The scope within a loop, and why its statements cannot be translated.
  static std::pair<Scope, std::string> entered(const Statement& loop, const Scope& scope,
                                               std::string refusal) {
    Scope inside = scope;
    inside.loops.push_back({loop.name, &loop.value, {}});
    if (leaves(loop.branches[0].body)) refusal = "the loop around it has a break or continue";
    return {std::move(inside), std::move(refusal)};
  }

  void globals(const std::vector<Statement>& statements, const Scope& scope, const std::string& refusal) {
    for (const Statement& statement : statements) {
      switch (statement.kind) {
        case Statement::Kind::assign:
          assignments_.push_back({.name = statement.name,
                                  .value = &statement.value,
                                  .guards = scope.guards,
                                  .loops = scope.loops,
                                  .line = statement.position.line,
                                  .refusal = refusal});
          if (!refusal.empty()) omit(statement, fmt::format("{} = ...", statement.name), refusal);
          break;
        case Statement::Kind::choice:
          each_branch(statement, scope, [&](const std::vector<Statement>& body, const Scope& inside) {
            globals(body, inside, refusal);
          });
          break;
        case Statement::Kind::loop: {
          const auto [inside, reason] = entered(statement, scope, refusal);
          globals(statement.branches[0].body, inside, reason);
          break;
        }
        default:
          break;
      }
    }
  }

  void omit(const Statement& statement, const std::string& construct, const std::string& reason) {
    pack_.omissions.push_back({statement.position.line, shortened(construct), reason, statement.severity});
  }

  void rules(const Partition& partition, const std::vector<Statement>& statements, const Scope& scope,
             const std::string& refusal) {
    for (const Statement& statement : statements) {
      switch (statement.kind) {
        case Statement::Kind::assertion:
          ++pack_.assertions;
          if (refusal.empty()) {
            assertion(partition, statement, scope);
          } else {
            omit(statement, assertion_text(statement), refusal);
          }
          break;
        case Statement::Kind::choice:
          each_branch(statement, scope, [&](const std::vector<Statement>& body, const Scope& inside) {
            rules(partition, body, inside, refusal);
          });
          break;
        case Statement::Kind::loop: {
          const auto [inside, reason] = entered(statement, scope, refusal);
          rules(partition, statement.branches[0].body, inside, reason);
          break;
        }
        default:
          break;
      }
    }
  }

  static std::string assertion_text(const Statement& statement) {
    return fmt::format("assert {}", statement.value.source);
  }

  void assertion(const Partition& partition, const Statement& statement, const Scope& scope) {
    // Questions to the host of a rule that is left out are not asked.
    const Questions before = pack_.questions;
    try {
      pack_.rules.push_back(rule(partition, statement, scope));
    } catch (const Untranslatable& e) {
      pack_.questions = before;
      omit(statement, assertion_text(statement), e.what());
    }
  }

  ImportedRule rule(const Partition& partition, const Statement& statement, const Scope& scope) {
    std::vector<Guard> all = scope.guards;
    for (const Loop& loop : scope.loops) all.insert(all.end(), loop.guards.begin(), loop.guards.end());
    const Place outside{
        .target = partition.target, .guards = &all, .variables = {}, .assignments = assignments_.size()};
    Place inside = outside;
    for (const Loop& loop : scope.loops) inside.variables.emplace_back(loop.variable, "");
    if (!inside.variables.empty()) inside.variables.back().second = "it";

    const int line = statement.position.line;
    const std::string asked = readable(statement.value.source);
    ImportedRule rule{.id = next_id(line),
                      .line = line,
                      .severity = statement.severity,
                      .title = shortened(partition.target + ": " + asked),
                      .why = sanitize_utf8(statement.message),
                      .expected = asked,
                      .when = names_.condition(scope.guards, outside),
                      .for_each = names_.elements(scope.loops, outside),
                      .expectation = {}};
    if (scope.loops.empty()) rule.expectation = variable_expectation(statement.value, inside);
    if (rule.expectation.variable.empty()) {
      rule.expectation.check = names_.writer(inside).condition(statement.value, true).text;
    }
    if (rule.why.empty()) rule.why = rule.title;
    return rule;
  }

  std::string next_id(int line) {
    const int count = ++ids_[line];
    const std::string id = rule_id(pack_.source, line);
    return count == 1 ? id : fmt::format("{}-{}", id, count);
  }

  // `${NAME} == 'text'`, `${NAME} in ['a', NA]`, `${NAME} == NA` of a variable are short forms, which know
  // how to mend what they find.
  Expectation variable_expectation(const Expression& check, const Place& place) const {
    const bool is_equal = check.is_operator("==");
    if (!is_equal && !check.is_operator("in")) return {};
    const auto name = variable_name(check.parts[0], place);
    if (!name) return {};
    const Expression& right = check.parts[1];
    if (!is_equal && !right.is(Expression::Kind::list)) return {};
    Expectation expectation{.variable = *name, .values = {}, .unset = false, .check = {}};
    for (const Expression& value : is_equal ? std::vector<Expression>{right} : right.parts) {
      if (value.is_word("NA")) {
        expectation.unset = true;
      } else if (value.is(Expression::Kind::text)) {
        expectation.values.push_back(sanitize_utf8(value.text));
      } else {
        return {};
      }
    }
    return expectation.values.empty() && !expectation.unset ? Expectation{} : expectation;
  }

  std::optional<std::string> variable_name(const Expression& path, const Place& place) const {
    if (!path.is(Expression::Kind::path) && !path.is(Expression::Kind::name)) return std::nullopt;
    std::string name = path.text;
    if (name.starts_with("env::")) {
      name = name.substr(5);
    } else if (place.target != "env" || is_global(name)) {
      return std::nullopt;
    }
    const bool is_plain =
        identifier(name) == name && !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
          return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
        });
    return is_plain ? std::optional(name) : std::nullopt;
  }

  bool is_global(const std::string& name) const {
    return std::any_of(assignments_.begin(), assignments_.end(),
                       [&](const Assignment& a) { return a.name == name; });
  }

  // Documents and context keys: those that [dependency] names, and those that are used.
  void collect_inputs() {
    std::set<std::string> documents;
    const auto use = [&](const Expression& whole) {
      walk(whole, [&](const Expression& part) {
        const auto colons = part.is(Expression::Kind::path) ? part.text.find("::") : std::string::npos;
        if (colons != std::string::npos) documents.insert(part.text.substr(0, colons));
        const auto key = part.is(Expression::Kind::path) ? context_key(part.text) : std::nullopt;
        if (key) context(*key);
        if (const auto comparison = comparison_in(part)) add_options(*comparison);
      });
    };
    for (const Partition& partition : file_.partitions) documents.insert(partition.target);
    each_expression(file_.globals, use);
    for (const Partition& partition : file_.partitions) each_expression(partition.rules, use);
    for (const std::string_view reserved : {"env", "context", "global"})
      documents.erase(std::string(reserved));
    for (const Dependency& dependency : file_.dependencies) {
      if (dependency.name == "env") continue;
      const bool is_document = !dependency.format.empty() || documents.erase(dependency.name) > 0;
      documents.erase(dependency.name);
      const std::string about = sanitize_utf8(dependency.about);
      if (is_document) {
        pack_.documents.push_back({identifier(dependency.name), about, to_lower(dependency.format)});
      } else {
        context(dependency.name).about = about;
      }
    }
    for (const std::string& name : documents) pack_.documents.push_back({identifier(name), "", ""});
  }

  template <class Use>
  void each_expression(const std::vector<Statement>& statements, const Use& use) {
    for (const Statement& statement : statements) {
      use(statement.value);
      const bool has_else = statement.kind == Statement::Kind::choice && !statement.branches.back().condition;
      for (const Branch& branch : statement.branches) {
        if (branch.condition) {
          use(*branch.condition);
          // Where there is an `else`, values beside those that are asked for have rules of their own.
          if (has_else) open_keys(*branch.condition);
        }
        each_expression(branch.body, use);
      }
    }
  }

  void open_keys(const Expression& condition) {
    walk(condition, [&](const Expression& part) {
      const auto key = part.is(Expression::Kind::path) ? context_key(part.text) : std::nullopt;
      if (key) context(*key).open = true;
    });
  }

  ImportedContext& context(const std::string& key) {
    const std::string name = identifier(key);
    for (ImportedContext& known : pack_.contexts) {
      if (known.name == name) return known;
    }
    return pack_.contexts.emplace_back(ImportedContext{name, "", {}, false});
  }

  void add_options(const Comparison& comparison) {
    const auto name = context_key(comparison.path);
    if (!name) return;
    ImportedContext& key = context(*name);
    for (const std::string& value : comparison.values) {
      if (std::find(key.options.begin(), key.options.end(), value) == key.options.end())
        key.options.push_back(value);
    }
  }

  const CmateFile& file_;
  ImportedPack pack_;
  std::vector<Assignment> assignments_;
  CmateNames names_;
  std::map<int, int> ids_;
};

}  // namespace

std::string rule_id(const std::string& source, int line) {
  std::string_view stem = source;
  stem = stem.substr(stem.find_last_of('/') + 1);
  stem = stem.substr(0, stem.find_last_of('.'));
  std::string id;
  for (const char c : stem) {
    const bool is_plain = std::isalnum(static_cast<unsigned char>(c)) != 0;
    id += is_plain ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : '-';
  }
  return fmt::format("{}-L{}", id.empty() ? "RULE" : id, line);
}

std::string readable(std::string_view source) {
  std::string text;
  for (std::size_t i = 0; i < source.size(); ++i) {
    if (source.substr(i, 2) == "${") {
      const auto close = source.find('}', i);
      text += trim(source.substr(i + 2, close - i - 2));
      i = std::min(close, source.size());
    } else if (source[i] != '\n' && source[i] != '\r') {
      text += source[i];
    }
  }
  return sanitize_utf8(text);
}

std::string shortened(std::string_view text) {
  constexpr std::size_t kLongest = 100;
  std::string line = sanitize_utf8(text);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  if (line.size() <= kLongest) return line;
  std::size_t end = kLongest;
  while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U) --end;
  return line.substr(0, end) + "…";
}

ImportedPack import_cmate(std::string_view text, const std::string& source) {
  const CmateFile file = parse_cmate(text, source);
  return CmateImport(file, source).run();
}

}  // namespace ms::import

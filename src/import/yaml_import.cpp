#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/closest_match.hpp"
#include "base/text.hpp"
#include "base/yaml.hpp"
#include "import/expression_parser.hpp"
#include "import/imported_pack.hpp"
#include "import/yaml_cases.hpp"
#include "import/yaml_names.hpp"
#include "import/yaml_words.hpp"

namespace ms::import {
namespace {

constexpr std::array<Word, 3> kSeverities = {{{"high", "error"}, {"medium", "warning"}, {"low", "info"}}};

// Facts of the host under the names that they have there.
constexpr std::array<Word, 10> kHostFacts = {{
    {"sys.high_performance", "cpu.governors.all(c, c.governor == \"performance\")"},
    {"sys.virtual_machine", "host.virtual.detected"},
    {"sys.transparent_hugepage", "memory.thp.mode"},
    {"sys.release", "host.kernel.release"},
    {"sys.page_size", "host.page_size_bytes"},
    {"ascend.driver.version", "ascend.driver.version"},
    {"ascend.toolkit.version", "ascend.cann.version"},
    {"ascend.atb.version", "ascend.atb.version"},
    {"ascend.mindie.version", "ascend.mindie.version"},
    {"ascend.atb-models.version", "ascend.atb_models.version"},
}};

// What is said about a rule, and what surrounds it.
struct Context {
  Subject subject;
  std::string target;  // for titles: "mies_config", "env"
  std::vector<std::string> when;
  std::string severity;
  std::string reason;
  bool may_be_unset = false;
  int line = 0;
};

class YamlImport {
 public:
  explicit YamlImport(const std::string& source) : names_(pack_), cases_(names_) { pack_.source = source; }

  ImportedPack run(const YamlNode& root) {
    declare_documents(root);
    if (const YamlNode* variables = root.find("ref"); variables != nullptr) read_variables(*variables);
    for (const auto& [key, node] : root.members) {
      if (key == "ref") continue;
      Context context = top(key);
      block(*node, context, 0);
    }
    return std::move(pack_);
  }

 private:
  void declare_documents(const YamlNode& root) {
    for (const auto& [key, node] : root.members) {
      if (names_document(key)) names_.document(key);
    }
  }

  Context top(const std::string& key) {
    Context context;
    context.target = sanitize_utf8(key);
    if (key == "env") {
      context.subject.root = "env";
    } else if (key == "sys" || key == "ascend") {
      context.subject.path = {key};
    } else if (key.starts_with("ref.")) {
      context.subject.root = key;
    } else if (names_document(key)) {
      context.subject.root = names_.document(key);
    } else {
      context.target = "config";
      context.subject = {names_.rest(), {key}};
    }
    return context;
  }

  // from: where; select and where: of which elements of a list; default: when there is none.
  void read_variables(const YamlNode& variables) {
    for (const YamlNode* variable : variables.items) {
      const YamlNode* name = variable->find("as");
      const YamlNode* from = variable->find("from");
      if (name == nullptr || from == nullptr) fail(*variable, "a variable needs 'from' and 'as'");
      try {
        names_.add_variable(name->text, variable_value(*variable, from->text));
      } catch (const Untranslatable& e) {
        omit(variable->position.line, "ref: " + name->text, e.what(), "");
      }
    }
  }

  std::string variable_value(const YamlNode& variable, const std::string& from) {
    const Subject nowhere;
    std::string value = names_.resolve(from, nowhere).text;
    const YamlNode* select = variable.find("select");
    const YamlNode* where = variable.find("where");
    if (select != nullptr || where != nullptr) {
      const Subject item{"item", {}};
      value = fmt::format("loose.items({})", value);
      if (where != nullptr) value += fmt::format(".filter(item, {})", cases_.condition(*where, item));
      if (select != nullptr) value += fmt::format(".map(item, dyn({}))", cases_.expression(*select, item));
      value = fmt::format("loose.last({})", value);
    }
    if (const YamlNode* fallback = variable.find("default"); fallback != nullptr) {
      value = fmt::format("loose.last([dyn({}), {}])", cases_.literal(*fallback, nowhere).text, value);
    }
    return value;
  }

  void block(const YamlNode& node, Context context, int depth) {
    context.line = node.position.line;
    if (node.is_map() && node.find("expected") != nullptr) return rule(node, context);
    if (depth > 64) fail(node, "nests deeper than 64 levels");
    if (node.is_map()) {
      for (const auto& [key, inner] : node.members) {
        Context below = context;
        below.subject = context.subject.child(key);
        block(*inner, below, depth + 1);
      }
    }
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      Context below = context;
      below.subject = context.subject.child(fmt::format("[{}]", i));
      block(*node.items[i], below, depth + 1);
    }
  }

  void rule(const YamlNode& node, Context context) {
    describe(node, context);
    const YamlNode* unset = node.find("allow_undefined");
    context.may_be_unset = unset != nullptr && to_lower(unset->text) == "true";
    ++pack_.assertions;
    try {
      if (context.subject.root.starts_with("ref.")) {
        context.subject = {names_.resolve(context.subject.root, {}).text, {}};
      } else if (context.subject.root.empty()) {
        context.subject = host_fact(context.subject.text());
      }
    } catch (const Untranslatable& e) {
      return omit(context.line, context.target + ": " + context.subject.text(), e.what(),
                  severity_of(context));
    }
    expected(*node.find("expected"), context, 0);
  }

  static Subject host_fact(const std::string& name) {
    const auto fact = find_word(kHostFacts, name);
    if (!fact) throw Untranslatable(fmt::format("'{}' is no fact of a host here", name));
    return {std::string(*fact), {}};
  }

  // `reason` and `severity` of a node hold for what is below it.
  void describe(const YamlNode& node, Context& context) const {
    if (const YamlNode* reason = node.find("reason")) context.reason = sanitize_utf8(reason->text);
    const YamlNode* severity = node.find("severity");
    if (severity == nullptr) return;
    const auto word = find_word(kSeverities, to_lower(severity->text));
    if (!word) fail(*severity, fmt::format("expected high, medium or low, not '{}'", severity->text));
    context.severity = *word;
  }

  void expected(const YamlNode& node, Context context, int depth) {
    constexpr int kDeepest = 10;
    context.line = node.position.line;
    if (!node.is_map()) return attempt(context, [&] { basic(node, context); });
    describe(node, context);
    if (const YamlNode* test = node.find("if")) {
      if (depth >= kDeepest) fail(node, "'if' nests deeper than 10 levels");
      return attempt(context, [&] { choice(node, *test, context, depth); });
    }
    if (node.find("contains_all") != nullptr || node.find("len") != nullptr) return search(node, context);
    if (const YamlNode* inner = node.find("case")) return attempt(context, [&] { basic(*inner, context); });
    attempt(context, [&] { basic(node, context); });
  }

  void choice(const YamlNode& node, const YamlNode& test, const Context& context, int depth) {
    const std::string holds = cases_.condition(test, context.subject);
    const YamlNode* otherwise = node.find("else");
    Context then = context;
    then.when.push_back(holds);
    if (const YamlNode* inner = node.find("then")) expected(*inner, then, depth + 1);
    if (otherwise == nullptr || otherwise->is_null()) return;
    Context not_then = context;
    not_then.when.push_back(fmt::format("!({})", holds));
    expected(*otherwise, not_then, depth + 1);
  }

  // The list holds an element for each case.
  void search(const YamlNode& node, const Context& context) {
    const std::string list = fmt::format("loose.items({})", context.subject.cel().text);
    if (const YamlNode* cases = node.find("contains_all")) {
      for (const YamlNode* item : cases->items) {
        Context one = context;
        one.line = item->position.line;
        describe(*item, one);
        const YamlNode* inner = item->is_map() && item->find("case") != nullptr ? item->find("case") : item;
        attempt(one, [&] {
          one.subject = {"item", {}};
          const Expectation test = cases_.test_of(*inner, one.subject, one.may_be_unset);
          one.subject = context.subject;
          const std::string shown = fmt::format("an element with {}", YamlCases::readable(*inner));
          add(one, shown,
              {.variable = {}, .values = {}, .check = fmt::format("{}.exists(item, {})", list, test.check)});
        });
      }
    }
    if (const YamlNode* length = node.find("len")) {
      attempt(context, [&] {
        add(context, fmt::format("{} elements", length->text),
            {.variable = {},
             .values = {},
             .check = fmt::format("size({}) == {}", list,
                                  cases_.literal(*length, context.subject).within(Cel::sum))});
      });
    }
  }

  void basic(const YamlNode& node, const Context& context) {
    Context judged = context;
    const bool is_alert = node.is_null() || (node.is_scalar() && node.text == "alert");
    if (is_alert) {
      judged.severity = "warning";
      return add(judged, "looked at by a person", {.variable = {}, .values = {}, .check = "false"});
    }
    add(judged, YamlCases::readable(node), cases_.test_of(node, judged.subject, judged.may_be_unset));
  }

  template <class Translate>
  void attempt(const Context& context, const Translate& translate) {
    const Questions before = pack_.questions;
    try {
      translate();
    } catch (const Untranslatable& e) {
      pack_.questions = before;
      omit(context.line, subject_text(context), e.what(), severity_of(context));
    }
  }

  static std::string subject_text(const Context& context) {
    const std::string path = context.subject.text();
    return path.empty() ? context.target : fmt::format("{}: {}", context.target, sanitize_utf8(path));
  }

  void add(const Context& context, const std::string& expected, Expectation expectation) {
    ImportedRule rule{.id = next_id(context.line),
                      .line = context.line,
                      .severity = severity_of(context),
                      .title = shortened(fmt::format("{} {}", subject_text(context), expected)),
                      .why = context.reason,
                      .expected = expected,
                      .when = {},
                      .for_each = {},
                      .expectation = std::move(expectation)};
    if (rule.why.empty()) rule.why = rule.title;
    for (const std::string& guard : context.when)
      rule.when += (rule.when.empty() ? "" : " && ") + ("(" + guard + ")");
    pack_.rules.push_back(std::move(rule));
  }

  std::string next_id(int line) {
    const int count = ++ids_[line];
    const std::string id = rule_id(pack_.source, line);
    return count == 1 ? id : fmt::format("{}-{}", id, count);
  }

  static std::string severity_of(const Context& context) {
    return context.severity.empty() ? "error" : context.severity;
  }

  void omit(int line, const std::string& construct, const std::string& reason, const std::string& severity) {
    pack_.omissions.push_back({line, shortened(construct), reason, severity});
  }

  [[noreturn]] void fail(const YamlNode& node, const std::string& message) const {
    throw InputError(pack_.source, node.position, message);
  }

  ImportedPack pack_;
  YamlNames names_;
  YamlCases cases_;
  std::map<int, int> ids_;
};

}  // namespace

ImportedPack import_yaml_rules(std::string_view text, const std::string& source) {
  const YamlFile file = parse_yaml(text, source);
  if (file.documents.size() != 1 || !file.documents[0]->is_map()) {
    throw InputError(source, "is no file of YAML rules: expected one map");
  }
  return YamlImport(source).run(*file.documents[0]);
}

}  // namespace ms::import

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/closest_match.hpp"
#include "base/text.hpp"
#include "base/yaml.hpp"
#include "import/expression_parser.hpp"
#include "import/imported_pack.hpp"
#include "import/yaml_names.hpp"

namespace ms::import {
namespace {

struct Word {
  std::string_view theirs;
  std::string_view ours;
};

constexpr std::array<Word, 3> kSeverities = {{{"high", "error"}, {"medium", "warning"}, {"low", "info"}}};

constexpr std::array<Word, 14> kComparisons = {{{"eq", "=="},
                                                {"==", "=="},
                                                {"ne", "!="},
                                                {"!=", "!="},
                                                {"lt", "<"},
                                                {"<", "<"},
                                                {"le", "<="},
                                                {"<=", "<="},
                                                {"gt", ">"},
                                                {">", ">"},
                                                {"ge", ">="},
                                                {">=", ">="},
                                                {"enum", "in"},
                                                {"in", "in"}}};

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

template <std::size_t N>
std::optional<std::string_view> find_word(const std::array<Word, N>& words, std::string_view theirs) {
  const auto found =
      std::find_if(words.begin(), words.end(), [&](const Word& w) { return w.theirs == theirs; });
  return found == words.end() ? std::nullopt : std::optional(found->ours);
}

// A text that is an expression, not a word like `standard` or a value like `expandable_segments:True`.
std::optional<Expression> expression_in(const std::string& text) {
  auto expression = parse_expression(text);
  if (!expression) return std::nullopt;
  bool has_word = false;
  walk(*expression, [&](const Expression& part) { has_word |= part.is(Expression::Kind::name); });
  return has_word ? std::nullopt : std::move(expression);
}

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
  explicit YamlImport(const std::string& source) : names_(pack_) { pack_.source = source; }

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
        omit(variable->position.line, "ref: " + name->text, e.what());
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
      if (where != nullptr) value += fmt::format(".filter(item, {})", condition(*where, item));
      if (select != nullptr) value += fmt::format(".map(item, dyn({}))", expression(*select, item));
      value = fmt::format("loose.last({})", value);
    }
    if (const YamlNode* fallback = variable.find("default"); fallback != nullptr) {
      value = fmt::format("loose.last([dyn({}), {}])", literal(*fallback, nowhere).text, value);
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
      return omit(context.line, context.target + ": " + context.subject.text(), e.what());
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
    const std::string holds = condition(test, context.subject);
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
          const Expectation test = test_of(*inner, one);
          one.subject = context.subject;
          const std::string shown = fmt::format("an element with {}", readable(*inner));
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
             .check =
                 fmt::format("size({}) == {}", list, literal(*length, context.subject).within(Cel::sum))});
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
    add(judged, readable(node), test_of(node, judged));
  }

  // What a case asks of the subject.
  Expectation test_of(const YamlNode& node, const Context& context) {
    const Cel self = context.subject.cel();
    if (node.is_map()) return comparison(node, context);
    if (!node.is_scalar()) throw Untranslatable("a list is no condition");
    if (node.text == "absent")
      return {.variable = {}, .values = {}, .check = fmt::format("loose.none({})", self.text)};
    if (node.text == "present")
      return {.variable = {}, .values = {}, .check = fmt::format("!loose.none({})", self.text)};
    const auto expression = expression_in(node.text);
    if (!expression) throw Untranslatable(fmt::format("'{}' is no condition", shortened(node.text)));
    return {.variable = {},
            .values = {},
            .check = names_.writer(context.subject).condition(*expression, true).text};
  }

  Expectation comparison(const YamlNode& node, const Context& context) {
    const YamlNode* type = node.find("type");
    const YamlNode* value = node.find("value");
    if (type == nullptr || value == nullptr) fail(node, "expected 'type' and 'value', or 'case'");
    const Cel self = context.subject.cel();
    if (type->text == "path")
      return {.variable = {}, .values = {}, .check = names_.path_exists(self.text).text};
    if (type->text == "docker") throw Untranslatable("Docker is not asked for its images");
    if (type->text == "range") return {.variable = {}, .values = {}, .check = range(*value, context)};
    const auto sign = find_word(kComparisons, to_lower(type->text));
    if (!sign) throw Untranslatable(fmt::format("the comparison '{}' is not known", type->text));
    if (auto variable = variable_expectation(*sign, *value, context)) return *variable;
    const std::string check = compared(self, *sign, *value, context);
    return {.variable = {},
            .values = {},
            .check = context.may_be_unset ? fmt::format("loose.none({}) || {}", self.text, check) : check};
  }

  std::string compared(const Cel& self, std::string_view sign, const YamlNode& value,
                       const Context& context) {
    const Cel wanted = literal(value, context.subject);
    if (sign == "in") return fmt::format("loose.contains({}, {})", wanted.text, self.text);
    if (wanted.text == "null" && (sign == "==" || sign == "!=")) {
      return fmt::format("{}loose.none({})", sign == "!=" ? "!" : "", self.text);
    }
    const bool is_version = wanted.text.starts_with("version(");
    const std::string subject = is_version ? fmt::format("version({})", self.text) : self.within(Cel::sum);
    return fmt::format("{} {} {}", subject, sign, wanted.within(Cel::sum));
  }

  // A variable is text, whatever a number looks like in YAML.
  static std::optional<std::string> variable_text(const YamlNode& value) {
    if (!value.is_scalar() || value.is_null()) return std::nullopt;
    if (value.text.find("${") != std::string::npos) return std::nullopt;
    const auto expression = parse_expression(value.text);
    return sanitize_utf8(expression && expression->is(Expression::Kind::text) ? expression->text
                                                                              : value.text);
  }

  static std::optional<Expectation> variable_expectation(std::string_view sign, const YamlNode& value,
                                                         const Context& context) {
    if (context.subject.root != "env" || context.subject.path.size() != 1) return std::nullopt;
    if (sign != "==" && sign != "in") return std::nullopt;
    const std::string& name = context.subject.path[0];
    const bool is_plain = std::all_of(name.begin(), name.end(), [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
    });
    if (!is_plain || name.empty()) return std::nullopt;
    Expectation expectation{.variable = name, .values = {}, .unset = context.may_be_unset, .check = {}};
    if (sign == "==" && value.is_null()) {
      expectation.unset = true;
      return expectation;
    }
    for (const YamlNode* one : sign == "in" ? value.items : std::vector<const YamlNode*>{&value}) {
      if (one->is_null()) {
        expectation.unset = true;
        continue;
      }
      const auto text = variable_text(*one);
      if (!text) return std::nullopt;
      expectation.values.push_back(*text);
    }
    return expectation.values.empty() && !expectation.unset ? std::nullopt : std::optional(expectation);
  }

  // [1, 8] includes both ends; so does "[1, 8]", while "(1, 8)" does not.
  std::string range(const YamlNode& value, const Context& context) {
    const std::string self = context.subject.cel().within(Cel::sum);
    if (value.is_list() && value.items.size() == 2) {
      return fmt::format("{0} >= {1} && {0} <= {2}", self,
                         literal(*value.items[0], context.subject).within(Cel::sum),
                         literal(*value.items[1], context.subject).within(Cel::sum));
    }
    const std::string text(trim(value.text));
    const auto comma = text.find(',');
    const bool is_interval = text.size() > 4 && (text[0] == '[' || text[0] == '(') &&
                             (text.back() == ']' || text.back() == ')') && comma != text.npos;
    if (!is_interval) throw Untranslatable("a range is [low, high] or \"(low, high]\"");
    const auto end = [&](std::string_view part) {
      const auto expression = expression_in(std::string(trim(part)));
      if (!expression) throw Untranslatable(fmt::format("'{}' is no number", shortened(part)));
      return names_.writer(context.subject).value(*expression).within(Cel::sum);
    };
    return fmt::format("{0} {1} {2} && {0} {3} {4}", self, text[0] == '[' ? ">=" : ">",
                       end(std::string_view(text).substr(1, comma - 1)), text.back() == ']' ? "<=" : "<",
                       end(std::string_view(text).substr(comma + 1, text.size() - comma - 2)));
  }

  // A value: a number, a text, an expression, or a list of them.
  Cel literal(const YamlNode& node, const Subject& here) {
    if (node.is_list()) {
      std::string elements;
      for (const YamlNode* item : node.items)
        elements += (elements.empty() ? "" : ", ") + literal(*item, here).text;
      return {.text = fmt::format("[{}]", elements), .type = Cel::Type::list};
    }
    if (node.is_map()) throw Untranslatable("a map is no value to compare with");
    if (node.is_null()) return {.text = "null"};
    if (const auto expression = expression_in(node.text)) return names_.writer(here).value(*expression);
    return {.text = cel_text(node.text), .type = Cel::Type::text};
  }

  std::string expression(const YamlNode& node, const Subject& here) {
    const auto parsed = expression_in(node.text);
    if (!parsed) throw Untranslatable(fmt::format("'{}' is no expression", shortened(node.text)));
    return names_.writer(here).value(*parsed).text;
  }

  std::string condition(const YamlNode& node, const Subject& here) {
    const auto parsed = expression_in(node.text);
    if (!parsed) throw Untranslatable(fmt::format("'{}' is no condition", shortened(node.text)));
    return names_.writer(here).condition(*parsed, false).text;
  }

  // "== 600", "in [1, 2]", or the expression as it is written.
  static std::string readable(const YamlNode& node) {
    if (node.is_list()) {
      std::string text;
      for (const YamlNode* item : node.items) text += (text.empty() ? "" : ", ") + readable(*item);
      return "[" + text + "]";
    }
    if (!node.is_map()) return sanitize_utf8(node.text);
    const YamlNode* type = node.find("type");
    const YamlNode* value = node.find("value");
    if (type == nullptr || value == nullptr) return "...";
    const auto sign = find_word(kComparisons, to_lower(type->text));
    return fmt::format("{} {}", sign ? *sign : std::string_view(type->text), readable(*value));
  }

  template <class Translate>
  void attempt(const Context& context, const Translate& translate) {
    const Questions before = pack_.questions;
    try {
      translate();
    } catch (const Untranslatable& e) {
      pack_.questions = before;
      omit(context.line, subject_text(context), e.what());
    }
  }

  static std::string subject_text(const Context& context) {
    const std::string path = context.subject.text();
    return path.empty() ? context.target : fmt::format("{}: {}", context.target, sanitize_utf8(path));
  }

  void add(const Context& context, const std::string& expected, Expectation expectation) {
    ImportedRule rule{.id = next_id(context.line),
                      .line = context.line,
                      .severity = context.severity.empty() ? "error" : context.severity,
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

  void omit(int line, const std::string& construct, const std::string& reason) {
    pack_.omissions.push_back({line, shortened(construct), reason});
  }

  [[noreturn]] void fail(const YamlNode& node, const std::string& message) const {
    throw InputError(pack_.source, node.position, message);
  }

  ImportedPack pack_;
  YamlNames names_;
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

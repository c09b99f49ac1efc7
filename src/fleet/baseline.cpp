#include "fleet/baseline.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/text.hpp"
#include "cel/cpu_list.hpp"
#include "fleet/value_text.hpp"
#include "rule/library.hpp"
#include "rule/toml_text.hpp"

namespace ms {
namespace {

constexpr std::size_t kMaxValueInTitle = 40;  // bytes
constexpr std::size_t kMaxReason = 100;       // bytes

/// A rule before it is written.
struct Entry {
  std::string path;    ///< "npu.devices.name", what its id is made of
  std::string fact;    ///< "npu.devices"
  std::string expect;  ///< the line of the short form, or empty
  std::string check;   ///< otherwise the expression, with how it is worded
  Text expected;
  std::string actual;
  Text title;
  Text doc;
  std::string source;    ///< where the good host's value was read
  std::string variable;  ///< of a rule on a variable: what mends it
  std::string value;     ///< likewise
  Json pass;
  Json fail;
};

bool is_scalar(const Json& value) {
  return value.is_string() || value.is_boolean() || value.is_number();
}

// What TOML and expressions can hold.
bool is_writable(const Json& value) {
  if (value.is_string()) return value.get_ref<const std::string&>().find("<redacted") == std::string::npos;
  if (value.is_number_unsigned()) return value.get<std::uint64_t>() <= std::uint64_t{INT64_MAX};
  if (value.is_array()) return std::all_of(value.begin(), value.end(), is_writable);
  return is_scalar(value);
}

std::string literal(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// On one line; an empty text as "".
std::string shown(const Json& value) {
  const bool plain = value.is_string() && !value.get_ref<const std::string&>().empty() &&
                     value.get_ref<const std::string&>().find('\n') == std::string::npos;
  return shortened(plain ? value.get<std::string>() : literal(value), kMaxValueInTitle);
}

Json another(const Json& value) {
  if (value.is_string()) return value.get<std::string>() + "-other";
  if (value.is_boolean()) return !value.get<bool>();
  if (value.is_number_float()) return value.get<double>() * 2 + 1;
  if (value.is_number())
    return value.get<std::int64_t>() > 1000 ? value.get<std::int64_t>() / 2
                                            : value.get<std::int64_t>() + 1000;
  return Json::array();
}

Json at_path(const std::string& path, const Json& value) {
  Json nested = value;
  std::vector<std::string_view> names = split(path, '.');
  std::reverse(names.begin(), names.end());
  for (const std::string_view name : names) nested = Json{{std::string(name), nested}};
  return nested;
}

std::string id_of(const std::string& path, std::set<std::string>& used) {
  std::string id = "BASELINE-";
  for (const char c : path) {
    const bool lower = c >= 'a' && c <= 'z';
    const bool kept = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    id += lower ? static_cast<char>(c - 'a' + 'A') : kept ? c : '-';
  }
  std::string unique = id;
  for (int i = 2; !used.insert(unique).second; ++i) unique = fmt::format("{}-{}", id, i);
  return unique;
}

class Writer {
 public:
  explicit Writer(const BaselineInputs& inputs) : inputs_(inputs) {}

  Baseline write() {
    std::string tree;
    for (const FactSpec& spec : inputs_.specs) {
      spec_ = &spec;
      const std::string own = spec.path.substr(0, spec.path.find('.'));
      if (own != tree) heading(tree = own);
      add(spec.path);
    }
    Baseline baseline;
    baseline.count = count_;
    baseline.rules = head() + rules_ + left_out();
    baseline.examples = fmt::format(
        "# The examples of the rules of a baseline taken from {}: msprecheck rules test --rules FILE\n{}",
        one_line(inputs_.host), examples_);
    return baseline;
  }

 private:
  static std::string one_line(const std::string& text) {
    std::string line = text;
    std::replace_if(
        line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7f'; },
        ' ');
    return line;
  }

  std::string head() const {
    return fmt::format(
        "# A baseline: holds other hosts to {0}.\n"
        "#   msprecheck precheck --rules FILE --rules-only\n"
        "# Delete what need not be the same, widen a value with expect_any or expect_range (docs/rules.md). "
        "Left out is\n"
        "# what may differ between hosts in the same state (docs/fleet.md), and at the end what {0} does not "
        "tell.\n",
        one_line(inputs_.host));
  }

  std::string left_out() const {
    if (left_out_.empty()) return {};
    return fmt::format("\n# {} left out\n{}", std::string(64, '-'), left_out_);
  }

  // The heading of a group stands above its first rule.
  void heading(const std::string& tree) { heading_ = fmt::format("\n# {} {}\n", std::string(64, '-'), tree); }

  void leave_out(const std::string& path, const std::string& reason) {
    left_out_ += fmt::format("# {}: {}\n", one_line(path), one_line(shortened(reason, kMaxReason)));
  }

  bool is_expected(const std::string& pattern) const {
    const ExpectedDifference* expected = inputs_.table.expected(pattern);
    return expected != nullptr && !expected->tolerance;
  }

  void add(const std::string& path) {
    if (is_expected(path) || !inputs_.table.is_held(path)) return;
    const Json* value = inputs_.facts.find(path);
    if (value == nullptr) return leave_out(path, "not recorded");
    if (const auto reason = absent_reason(*value)) return leave_out(path, *reason);
    if (path == "env") return add_variables(*value);
    if (value->is_array()) return add_list(path, *value);
    if (value->is_object()) {
      for (const auto& [name, member] : value->items()) {
        if (!is_expected(fmt::format("{}.{}", path, name))) add_member(path, name, member);
      }
      return;
    }
    if (!is_writable(*value)) return leave_out(path, "holds a secret, or is no plain value");
    add_scalar(path, *value);
  }

  Entry entry(const std::string& path, const std::string& fact) const {
    const Provenance* provenance = inputs_.facts.provenance(fact);
    Entry made;
    made.path = path;
    made.fact = fact;
    made.doc = spec_->doc;
    made.source = provenance != nullptr ? provenance->source : "";
    return made;
  }

  void add_scalar(const std::string& path, const Json& value) {
    Entry made = entry(path, path);
    made.title = {fmt::format("{} is {}", path, shown(value)), fmt::format("{} 为 {}", path, shown(value))};
    const ExpectedDifference* expected = inputs_.table.expected(path);
    if (expected != nullptr && value.is_number_integer()) {
      const auto margin = static_cast<std::int64_t>(
          std::ceil(std::abs(static_cast<double>(value.get<std::int64_t>())) * *expected->tolerance));
      const std::int64_t number = value.get<std::int64_t>();
      made.expect = fmt::format("expect_range = [{}, {}]", number - margin, number + margin);
    } else {
      made.expect = fmt::format("expect = {}", toml_value(value));
    }
    made.pass = at_path(path, value);
    made.fail = at_path(path, another(value));
    write(made);
  }

  void add_member(const std::string& path, const std::string& name, const Json& value) {
    const std::string full = path + "." + name;
    if (const auto reason = absent_reason(value)) return leave_out(full, *reason);
    if (!is_scalar(value) || !is_writable(value)) return leave_out(full, "is no plain value");
    Entry made = entry(full, path);
    made.title = {fmt::format("{} is {}", full, shown(value)), fmt::format("{} 为 {}", full, shown(value))};
    made.check = fmt::format("{0} in {1} && {1}[{0}] == {2}", literal(name), path, literal(value));
    made.expected = {shown(value), shown(value)};
    made.actual = fmt::format("{{{{{0} in {1} ? string({1}[{0}]) : \"-\"}}}}", literal(name), path);
    made.pass = at_path(path, Json{{name, value}});
    made.fail = at_path(path, Json{{name, another(value)}});
    write(made);
  }

  void add_variables(const Json& environment) {
    std::vector<std::string> unset;
    for (const std::string& path : inputs_.variables) {
      if (!path.starts_with("env.") || is_expected(path)) continue;
      const std::string name = path.substr(4);
      const auto found = environment.find(name);
      if (found == environment.end()) {
        unset.push_back(name);
      } else if (absent_reason(*found) || !found->is_string() || !is_writable(*found)) {
        leave_out(path, "holds a secret, or is not known");
      } else {
        add_variable(path, name, *found);
      }
    }
    if (!unset.empty()) add_unset(unset);
  }

  void add_variable(const std::string& path, const std::string& name, const Json& value) {
    Entry made = entry(path, path);
    made.title = {fmt::format("{} is {}", name, shown(value)), fmt::format("{} 为 {}", name, shown(value))};
    made.expect = fmt::format("expect = {}", toml_value(value));
    made.doc = {"An environment variable that the built-in rules speak of.", "内置规则所涉及的环境变量。"};
    made.variable = name;
    made.value = value.get<std::string>();
    made.pass = at_path("env", Json{{name, value}});
    made.fail = at_path("env", Json{{name, another(value)}});
    write(made);
  }

  void add_unset(const std::vector<std::string>& names) {
    std::vector<std::string> quoted;
    quoted.reserve(names.size());
    for (const std::string& name : names) quoted.push_back(literal(name));
    const std::string list = fmt::format("[{}]", fmt::join(quoted, ", "));
    Entry made = entry("env.not-set", "env");
    made.title = {"No other variable that rules read is set", "未设置规则会读取的其他变量"};
    made.check = fmt::format("env.all(name, !(name in {}))", list);
    made.expected = {"none of them", "均未设置"};
    made.actual = fmt::format("{{{{env.filter(name, name in {}).join(\", \")}}}}", list);
    made.pass = at_path("env", Json::object());
    made.fail = at_path("env", Json{{names.front(), "1"}});
    write(made);
  }

  void add_list(const std::string& path, const Json& list) {
    const ListIdentity* identity = inputs_.table.list(path);
    if (list.empty()) return add_empty(path);
    if (!list.front().is_object()) {
      if (!is_writable(list)) return leave_out(path, "holds a secret, or is no list of plain values");
      return add_scalars(path, list, identity != nullptr && identity->set);
    }
    const std::vector<std::string> key = key_of_elements(identity, {&list});
    for (const std::string& field : key) {
      for (const Json& element : list) {
        const auto value = element.is_object() ? element.find(field) : element.end();
        if (value == element.end() || !is_scalar(*value)) return leave_out(path, "its elements have no key");
      }
    }
    key.empty() ? add_size(path, list) : add_elements(path, list, key);
    std::set<std::string> fields;
    for (const Json& element : list) {
      for (const auto& [name, value] : element.items()) fields.insert(name);
    }
    for (const std::string& field : fields) {
      const std::string pattern = fmt::format("{}[].{}", path, field);
      if (is_expected(pattern) || std::find(key.begin(), key.end(), field) != key.end()) continue;
      add_field(path, list, key, field);
    }
  }

  void add_empty(const std::string& path) {
    Entry made = entry(path, path);
    made.title = {fmt::format("{} is empty", path), fmt::format("{} 为空", path)};
    made.check = fmt::format("{}.size() == 0", path);
    made.expected = {"empty", "为空"};
    made.pass = at_path(path, Json::array());
    const bool of_texts = spec_->type_text == "list<string>";
    made.fail = at_path(path, Json::array({of_texts ? Json("other") : Json::object()}));
    write(made);
  }

  void add_scalars(const std::string& path, const Json& list, bool is_set) {
    Entry made = entry(path, path);
    made.title = {fmt::format("{} is {}", path, shown(list)), fmt::format("{} 为 {}", path, shown(list))};
    made.check =
        is_set ? fmt::format("{0}.size() == {1} && {2}.all(e, e in {0})", path, list.size(), literal(list))
               : fmt::format("{} == {}", path, literal(list));
    made.expected = {shown(list), shown(list)};
    made.pass = at_path(path, list);
    made.fail = at_path(path, Json::array());
    write(made);
  }

  void add_size(const std::string& path, const Json& list) {
    Entry made = entry(path, path);
    made.title = {fmt::format("{} has {} elements", path, list.size()),
                  fmt::format("{} 有 {} 个元素", path, list.size())};
    made.check = fmt::format("{}.size() == {}", path, list.size());
    made.expected = {fmt::format("{} elements", list.size()), fmt::format("{} 个元素", list.size())};
    made.actual = fmt::format("{{{{{}.size()}}}}", path);
    made.pass = at_path(path, Json(list.size(), Json::object()));
    made.fail = at_path(path, Json::array());
    write(made);
  }

  static std::string key_expression(const std::vector<std::string>& key) {
    std::vector<std::string> parts;
    parts.reserve(key.size());
    for (const std::string& field : key) parts.push_back(fmt::format("string(e.{})", field));
    return fmt::format("{}", fmt::join(parts, " + \"/\" + "));
  }

  static std::string key_text(const Json& element, const std::vector<std::string>& key) {
    std::vector<std::string> parts;
    parts.reserve(key.size());
    for (const std::string& field : key) {
      parts.push_back(element[field].is_string() ? element[field].get<std::string>() : element[field].dump());
    }
    return fmt::format("{}", fmt::join(parts, "/"));
  }

  static Json key_of(const Json& element, const std::vector<std::string>& key) {
    Json only = Json::object();
    for (const std::string& field : key) only[field] = element[field];
    return only;
  }

  void add_elements(const std::string& path, const Json& list, const std::vector<std::string>& key) {
    Entry made = entry(path, path);
    std::vector<std::string> names;
    Json keys = Json::array();
    for (const Json& element : list) {
      names.push_back(key_text(element, key));
      keys.push_back(key_of(element, key));
    }
    const bool counts = key.size() == 1 && list.front()[key.front()].is_number_integer();
    if (counts) {
      std::vector<std::int64_t> numbers;
      for (const Json& element : list) numbers.push_back(element[key.front()].get<std::int64_t>());
      const std::string all = cel::format_cpu_list(numbers);
      made.check = fmt::format("string(cpuset({}.map(e, e.{}))) == {}", path, key.front(), literal(all));
      made.expected = {all, all};
      made.actual = fmt::format("{{{{string(cpuset({}.map(e, e.{})))}}}}", path, key.front());
    } else {
      made.check = fmt::format("{0}.size() == {1} && {2}.all(k, k in {0}.map(e, {3}))", path, list.size(),
                               literal(names), key_expression(key));
      const std::string all = fmt::format("{}", fmt::join(names, ", "));
      made.expected = {all, all};
      made.actual = fmt::format("{{{{{}.map(e, {}).join(\", \")}}}}", path, key_expression(key));
    }
    made.title = {
        fmt::format("{} has the same elements, {}", path, shortened(made.expected.en, kMaxValueInTitle)),
        fmt::format("{} 的元素相同：{}", path, shortened(made.expected.en, kMaxValueInTitle))};
    made.pass = at_path(path, keys);
    keys.erase(keys.size() - 1);
    keys.push_back(at_path(key.front(), another(list.back()[key.front()])));
    for (std::size_t i = 1; i < key.size(); ++i) keys.back()[key[i]] = list.back()[key[i]];
    made.fail = at_path(path, keys);
    write(made);
  }

  void add_field(const std::string& path, const Json& list, const std::vector<std::string>& key,
                 const std::string& field) {
    const std::string pattern = path + "[]." + field;
    for (const Json& element : list) {
      const auto value = element.find(field);
      if (value == element.end()) return leave_out(pattern, "not on all elements");
      if (const auto reason = absent_reason(*value)) return leave_out(pattern, *reason);
      if (!is_writable(*value)) return leave_out(pattern, "holds a secret, or is no plain value");
    }
    Entry made = entry(path + "." + field, path);
    Json elements = Json::array();
    for (const Json& element : list) {
      elements.push_back(key_of(element, key));
      elements.back()[field] = element[field];
    }
    const Json& first = list.front()[field];
    const bool all_same =
        std::all_of(list.begin(), list.end(), [&](const Json& element) { return element[field] == first; });
    const ExpectedDifference* expected = inputs_.table.expected(pattern);
    if (expected != nullptr && first.is_number()) {
      add_near_field(made, elements, key, field, *expected->tolerance);
    } else if (all_same) {
      made.check = fmt::format("{}.all(e, e.{} == {})", path, field, literal(first));
      made.expected = {fmt::format("{} on all", shown(first)), fmt::format("均为 {}", shown(first))};
      if (!key.empty() && is_scalar(first)) {
        made.actual = fmt::format(
            "{{{{{0}.filter(e, e.{1} != {2}).map(e, {3} + \": \" + string(e.{1})).join(\", \")}}}}", path,
            field, literal(first), key_expression(key));
      }
      elements = Json::array({elements.front()});
    } else if (key.empty()) {
      Json values = Json::array();
      for (const Json& element : list) values.push_back(element[field]);
      made.check = fmt::format("{}.map(e, e.{}) == {}", path, field, literal(values));
      made.expected = {shown(values), shown(values)};
    } else {
      Json by_key = Json::object();
      for (const Json& element : list) by_key[key_text(element, key)] = element[field];
      made.check = fmt::format("{0}.all(e, {1} in {2} && {2}[{1}] == e.{3})", path, key_expression(key),
                               literal(by_key), field);
      made.expected = {shown(by_key), shown(by_key)};
    }
    made.title = {fmt::format("{} is {}", pattern, shortened(made.expected.en, kMaxValueInTitle)),
                  fmt::format("{}：{}", pattern, shortened(made.expected.zh, kMaxValueInTitle))};
    made.pass = at_path(path, elements);
    elements.front()[field] = another(first);
    made.fail = at_path(path, elements);
    write(made);
  }

  void add_near_field(Entry& made, Json& elements, const std::vector<std::string>& key,
                      const std::string& field, double tolerance) const {
    Json low = Json::object();
    Json high = Json::object();
    std::size_t position = 0;
    for (const Json& element : elements) {
      const auto number = element[field].get<double>();
      const std::string name = key.empty() ? std::to_string(position++) : key_text(element, key);
      low[name] = static_cast<std::int64_t>(std::floor(number * (1 - tolerance)));
      high[name] = static_cast<std::int64_t>(std::ceil(number * (1 + tolerance)));
    }
    made.check = fmt::format("{0}.all(e, {1} in {2} && e.{3} >= {2}[{1}] && e.{3} <= {4}[{1}])", made.fact,
                             key_expression(key), literal(low), field, literal(high));
    made.expected = {fmt::format("within {:g} % of the same", tolerance * 100),
                     fmt::format("相差不超过 {:g} %", tolerance * 100)};
  }

  void write(const Entry& made) {
    ++count_;
    const std::string id = id_of(made.path, used_);
    rules_ += std::exchange(heading_, {});
    rules_ += fmt::format("\n[[rule]]\nid = {}\nfact = {}\n", toml_string(id), toml_string(made.fact));
    if (!made.expect.empty()) {
      rules_ += made.expect + "\n";
    } else {
      rules_ += fmt::format("check = {}\nexpected.en = {}\nexpected.zh = {}\n", toml_expression(made.check),
                            toml_string(without_holes(made.expected.en)),
                            toml_string(without_holes(made.expected.zh)));
    }
    if (!made.actual.empty()) rules_ += fmt::format("actual = {}\n", toml_expression(made.actual));
    rules_ += fmt::format("severity = \"{}\"\ntitle.en = {}\ntitle.zh = {}\n", name_of(inputs_.severity),
                          toml_string(made.title.en), toml_string(made.title.zh));
    rules_ += fmt::format("why.en = {}\nwhy.zh = {}\n",
                          toml_string(fmt::format("{} On {} it is so.", made.doc.en, inputs_.host)),
                          toml_string(fmt::format("{}{} 即为此值。", made.doc.zh, inputs_.host)));
    if (!made.variable.empty()) {
      rules_ += fmt::format("fix.env = {{ {} = {} }}\n", toml_string(made.variable),
                            toml_string(without_holes(made.value)));
    }
    const std::string source =
        made.source.empty() ? inputs_.host : fmt::format("{}: {}", inputs_.host, made.source);
    rules_ += fmt::format("source = [{}]\n", toml_string(source));
    examples_ +=
        fmt::format("\n[{}]\npass = [{}]\nfail = [{}]\n", id, toml_value(made.pass), toml_value(made.fail));
  }

  const BaselineInputs& inputs_;
  const FactSpec* spec_ = nullptr;
  std::set<std::string> used_;
  std::size_t count_ = 0;
  std::string heading_;
  std::string rules_;
  std::string examples_;
  std::string left_out_;
};

}  // namespace

Baseline make_baseline(const BaselineInputs& inputs) {
  return Writer(inputs).write();
}

}  // namespace ms

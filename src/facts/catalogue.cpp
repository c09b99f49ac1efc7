#include "facts/catalogue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>

#include "base/embedded.hpp"
#include "base/text.hpp"
#include "base/toml.hpp"

namespace ms {

namespace embedded {
/// knowledge/facts.toml.
std::span<const EmbeddedFile> computed_facts();
}  // namespace embedded

namespace {

// Reads: type = name | "list<" type ">" | "map<" type ">" | "{" name ":" type ("," ...)* "}"
class TypeParser {
 public:
  explicit TypeParser(std::string_view text) : text_(text) {}

  cel::Type whole() {
    cel::Type type = one();
    skip_space();
    if (at_ != text_.size()) fail("nothing more");
    return type;
  }

 private:
  cel::Type one() {
    if (take('{')) return record();
    const std::string_view name = word();
    if (name == "string") return cel::Type::string();
    if (name == "int") return cel::Type::integer();
    if (name == "double") return cel::Type::real();
    if (name == "bool") return cel::Type::boolean();
    if (name == "dyn") return cel::Type::dyn();
    if (name == "list") return cel::Type::list(argument());
    if (name == "map") return cel::Type::map(cel::Type::string(), argument());
    fail("string, int, double, bool, dyn, list<...>, map<...> or {...}");
  }

  cel::Type argument() {
    if (!take('<')) fail("'<'");
    cel::Type type = one();
    if (!take('>')) fail("'>'");
    return type;
  }

  cel::Type record() {
    std::vector<cel::Type::Field> fields;
    do {
      const std::string name(word());
      if (name.empty()) fail("a field name");
      if (!take(':')) fail("':'");
      fields.push_back({name, one()});
    } while (take(','));
    if (!take('}')) fail("'}'");
    return cel::Type::object("element", std::move(fields));
  }

  std::string_view word() {
    skip_space();
    const std::size_t start = at_;
    while (at_ < text_.size() &&
           (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '_'))
      ++at_;
    return text_.substr(start, at_ - start);
  }

  bool take(char c) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  void skip_space() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }

  [[noreturn]] void fail(std::string_view expected) const {
    throw std::invalid_argument(fmt::format("type '{}': expected {} at byte {}", text_, expected, at_));
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

// The tree of declared paths: a leaf has a type, an inner node has children.
struct Node {
  std::optional<cel::Type> type;
  std::map<std::string, std::unique_ptr<Node>> children;
};

cel::Type type_of(const std::string& path, const Node& node) {
  if (node.type) return *node.type;
  std::vector<cel::Type::Field> fields;
  for (const auto& [name, child] : node.children)
    fields.push_back({name, type_of(path + "." + name, *child)});
  return cel::Type::object(path, std::move(fields));
}

}  // namespace

bool is_wanted(std::string_view fact, const std::set<std::string, std::less<>>& wanted) {
  const auto is_prefix = [](std::string_view outer, std::string_view inner) {
    return inner.starts_with(outer) && (inner.size() == outer.size() || inner[outer.size()] == '.');
  };
  return std::any_of(wanted.begin(), wanted.end(),
                     [&](const std::string& path) { return is_prefix(path, fact) || is_prefix(fact, path); });
}

cel::Type parse_fact_type(std::string_view text) {
  return TypeParser(text).whole();
}

void declare_facts(const std::vector<FactSpec>& facts, cel::Environment& environment) {
  Node root;
  for (const FactSpec& fact : facts) {
    Node* node = &root;
    for (const std::string_view name : split(fact.path, '.')) {
      if (node->type) throw std::invalid_argument(fmt::format("fact '{}' is inside another fact", fact.path));
      auto& child = node->children[std::string(name)];
      if (!child) child = std::make_unique<Node>();
      node = child.get();
    }
    if (node->type || !node->children.empty()) {
      throw std::invalid_argument(
          fmt::format("fact '{}' is declared twice, or holds other facts", fact.path));
    }
    node->type = parse_fact_type(fact.type_text);
  }
  for (const auto& [name, node] : root.children) environment.declare(name, type_of(name, *node));
}

std::vector<FactSpec> computed_facts() {
  std::vector<FactSpec> facts;
  for (const EmbeddedFile& file : embedded::computed_facts()) {
    const TomlTable root = parse_toml(file, std::string(file.name));
    for (const TomlTable& table : root.tables("fact")) {
      facts.push_back({.path = table.string("fact"),
                       .type_text = table.string("type"),
                       .unit = table.optional_string("unit").value_or(""),
                       .doc = table.text("doc")});
      table.finish();
    }
    root.finish();
  }
  return facts;
}

}  // namespace ms

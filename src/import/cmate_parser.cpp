#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/closest_match.hpp"
#include "import/cmate.hpp"
#include "import/expression_parser.hpp"

namespace ms::import {
namespace {

constexpr int kMaxDepth = 50;

constexpr std::array<std::string_view, 3> kSeverities = {"info", "warning", "error"};
constexpr std::array<std::string_view, 4> kSections = {"metadata", "dependency", "global", "par"};

class CmateParser {
 public:
  CmateParser(std::string_view text, const std::string& source) : words_(text, source) {}

  CmateFile file() {
    while (!words_.at_end()) {
      if (words_.take("---")) continue;
      words_.expect("[");
      const Token place = words_.token();
      const std::string kind = words_.expect_name("the name of a section");
      if (kind == "par") {
        partition();
        continue;
      }
      if (std::find(kSections.begin(), kSections.end(), kind) == kSections.end())
        unknown_section(kind, place);
      words_.expect("]");
      if (kind == "dependency") {
        while (!at_section_end()) dependency();
      } else {
        statements(kind == "global" ? file_.globals : file_.metadata, false);
      }
    }
    return std::move(file_);
  }

 private:
  [[noreturn]] void unknown_section(const std::string& kind, const Token& place) const {
    words_.fail(place, fmt::format("expected a section metadata, dependency, global or par, not '{}'{}", kind,
                                   did_you_mean(closest_match(kind, kSections))));
  }

  bool at_section_end() const { return words_.at_end() || words_.at("---") || words_.at("["); }

  void partition() {
    Partition partition{.target = words_.expect_name("the name of what the rules are about"), .rules = {}};
    words_.expect("]");
    statements(partition.rules, true);
    file_.partitions.push_back(std::move(partition));
  }

  void dependency() {
    Dependency dependency;
    dependency.position = words_.position();
    dependency.name = words_.expect_name("a name");
    words_.expect(":");
    dependency.about = words_.expect_text("a text that says what it is");
    if (words_.take("@")) dependency.format = words_.expect_text("'json' or 'yaml'");
    file_.dependencies.push_back(std::move(dependency));
  }

  void statements(std::vector<Statement>& list, bool are_rules) {
    while (!at_section_end()) list.push_back(statement(are_rules));
  }

  Statement statement(bool is_rule) {
    if (++depth_ > kMaxDepth) words_.fail_expected(fmt::format("at most {} levels", kMaxDepth));
    Statement statement;
    statement.position = words_.position();
    if (words_.take("if")) {
      choice(statement, is_rule);
    } else if (words_.take("for")) {
      loop(statement, is_rule);
    } else if (words_.at("break") || words_.at("continue")) {
      statement.kind = Statement::Kind::leave;
      statement.name = words_.take().text;
    } else if (is_rule) {
      if (!words_.take("assert")) words_.fail_expected("'assert', 'if' or 'for'");
      assertion(statement);
    } else {
      statement.name = words_.expect_name("a name to assign to, 'if' or 'for'");
      words_.expect("=");
      statement.value = words_.expression();
    }
    --depth_;
    return statement;
  }

  void assertion(Statement& statement) {
    statement.kind = Statement::Kind::assertion;
    statement.value = words_.expression();
    words_.expect(",");
    statement.message = words_.expect_text("the message, a text in quotes");
    statement.severity = "error";
    if (!words_.take(",")) return;
    const auto known = std::find_if(kSeverities.begin(), kSeverities.end(),
                                    [&](std::string_view name) { return words_.at(name); });
    if (known == kSeverities.end()) words_.fail_expected("info, warning or error");
    statement.severity = words_.take().text;
  }

  void choice(Statement& statement, bool is_rule) {
    statement.kind = Statement::Kind::choice;
    bool is_last = false;
    do {
      Branch branch;
      if (!is_last) branch.condition = words_.expression();
      words_.expect(":");
      branch.body = block(is_rule, {"elif", "else", "fi"});
      statement.branches.push_back(std::move(branch));
      if (is_last) break;
      if (words_.take("elif")) continue;
      if (!words_.take("else")) break;
      is_last = true;
    } while (true);
    words_.expect("fi");
  }

  void loop(Statement& statement, bool is_rule) {
    statement.kind = Statement::Kind::loop;
    statement.name = words_.expect_name("a name for the element");
    words_.expect("in");
    statement.value = words_.expression();
    words_.expect(":");
    statement.branches.push_back({.condition = std::nullopt, .body = block(is_rule, {"done"})});
    words_.expect("done");
  }

  std::vector<Statement> block(bool is_rule, std::initializer_list<std::string_view> ends) {
    std::vector<Statement> body;
    const auto at_end = [&] {
      return std::any_of(ends.begin(), ends.end(), [&](std::string_view end) { return words_.at(end); });
    };
    do {
      if (at_section_end()) words_.fail_expected(fmt::format("'{}'", *(ends.end() - 1)));
      body.push_back(statement(is_rule));
    } while (!at_end());
    return body;
  }

  ExpressionParser words_;
  CmateFile file_;
  int depth_ = 0;
};

}  // namespace

CmateFile parse_cmate(std::string_view text, const std::string& source) {
  return CmateParser(text, source).file();
}

}  // namespace ms::import

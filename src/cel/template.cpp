#include "cel/template.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace ms::cel {
namespace {

// Where the hole that starts at `begin` ends: at the "}}" that stands in no string and closes no map.
std::size_t end_of_hole(std::string_view text, std::size_t begin) {
  int open = 0;
  char quote = '\0';
  for (std::size_t i = begin; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != '\0') {
      if (c == '\\') ++i;
      if (c == quote) quote = '\0';
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '{') {
      ++open;
    } else if (c == '}') {
      if (open == 0) return text.substr(i, 2) == "}}" ? i : text.npos;
      --open;
    }
  }
  return text.npos;
}

void note_reasons(const Value& value, std::vector<std::string>& reasons) {
  const auto note = [&](std::string reason) {
    if (std::find(reasons.begin(), reasons.end(), reason) == reasons.end())
      reasons.push_back(std::move(reason));
  };
  if (value.is(Kind::error)) note(std::string(value.error().message));
  for (const UnknownFact& fact : value.unknown()) note(fmt::format("{}: {}", fact.path, fact.reason));
}

}  // namespace

Template Template::compile(std::string_view text, const Environment& environment) {
  Template result;
  std::string before;
  std::size_t position = 0;
  while (true) {
    const std::size_t open = text.find("{{", position);
    before += text.substr(position, open - position);
    if (open == text.npos) break;
    if (text.substr(open, 4) == "{{{{") {
      before += "{{";
      position = open + 4;
      continue;
    }
    const std::size_t end = end_of_hole(text, open + 2);
    if (end == text.npos) throw CompileError(open, 2, "this '{{' is not closed");
    try {
      result.parts_.push_back(
          {std::move(before), cel::compile(text.substr(open + 2, end - open - 2), environment)});
    } catch (const CompileError& error) {
      throw error.shifted(open + 2);
    }
    before.clear();
    position = end + 2;
  }
  result.tail_ = std::move(before);
  return result;
}

Template::Result Template::evaluate(const Activation& activation, Arena& arena) const {
  Result result;
  for (const Part& part : parts_) {
    result.text += part.text;
    const Value value = part.program.evaluate(activation, arena);
    if (value.is_failure()) {
      result.text += '?';
      note_reasons(value, result.reasons);
    } else {
      result.text += to_text(value);
    }
  }
  result.text += tail_;
  return result;
}

std::vector<std::string> Template::references() const {
  std::vector<std::string> all;
  for (const Part& part : parts_) {
    for (std::string& path : part.program.references()) {
      if (std::find(all.begin(), all.end(), path) == all.end()) all.push_back(std::move(path));
    }
  }
  return all;
}

}  // namespace ms::cel

#include "rule/reads.hpp"

#include <algorithm>
#include <cctype>

#include "base/json.hpp"
#include "cel/value.hpp"

namespace ms {
namespace {

constexpr std::string_view kDocument = "document.";
constexpr std::string_view kAt = ".at(";

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// Reads a chain of members, indices and .at("...") from its start.
class Chain {
 public:
  explicit Chain(std::string_view text) : text_(text) {}

  // The path of the whole text; empty when it is more than a chain.
  std::string whole() {
    path_ = word();
    while (at_ < text_.size()) {
      const bool goes_on = text_.substr(at_).starts_with(kAt) ? call()
                           : text_[at_] == '['                ? index()
                                                              : member();
      if (!goes_on) return {};
    }
    return std::move(path_);
  }

 private:
  std::string word() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_word(text_[at_])) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  bool member() {
    if (text_[at_] != '.') return false;
    ++at_;
    const std::string name = word();
    path_ += "." + name;
    return !name.empty();
  }

  bool call() {
    at_ += kAt.size();
    const auto path = literal();
    if (!path || at_ >= text_.size() || text_[at_] != ')') return false;
    ++at_;
    path_ += (path->starts_with('[') ? "" : ".") + *path;
    return true;
  }

  bool index() {
    ++at_;
    if (const auto key = literal()) {
      path_ += "." + *key;
    } else {
      const std::string number = word();
      if (number.empty()) return false;
      path_ += "[" + number + "]";
    }
    return at_ < text_.size() && text_[at_++] == ']';
  }

  std::optional<std::string> literal() {
    if (at_ >= text_.size() || text_[at_] != '"') return std::nullopt;
    std::size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != '"') end += text_[end] == '\\' ? 2 : 1;
    if (end >= text_.size()) return std::nullopt;
    const Json value = Json::parse(text_.substr(at_, end + 1 - at_), nullptr, false);
    if (!value.is_string()) return std::nullopt;
    at_ = end + 1;
    return value.get<std::string>();
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string path_;
};

bool has_step(std::string_view expression) {
  return expression.starts_with("env.at(") ||
         (expression.starts_with(kDocument) &&
          expression.find_first_of(".[", kDocument.size()) != expression.npos);
}

void collect(const cel::Explanation& part, std::vector<Read>& reads) {
  if (has_step(part.source)) {
    const std::string path = read_path(part.source);
    if (!path.empty()) {
      const bool is_known =
          std::any_of(reads.begin(), reads.end(), [&](const Read& read) { return read.path == path; });
      const bool is_missing = part.value.is(cel::Kind::error);
      if (!is_known) reads.push_back({path, is_missing ? "not set" : cel::to_text(part.value)});
      return;
    }
  }
  for (const cel::Explanation& inner : part.parts) collect(inner, reads);
}

}  // namespace

std::string read_path(std::string_view expression) {
  return Chain(expression).whole();
}

bool reads_documents(std::string_view expression) {
  return expression.find(kDocument) != expression.npos || expression.find("env.at(") != expression.npos;
}

std::vector<Read> reads_of(const cel::Explanation& explanation) {
  std::vector<Read> reads;
  collect(explanation, reads);
  return reads;
}

}  // namespace ms

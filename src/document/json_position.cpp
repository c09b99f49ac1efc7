#include "document/json_position.hpp"

#include <set>

#include "base/json.hpp"
#include "base/text.hpp"

namespace ms {
namespace {

// Walks over a JSON text. Texts come here after the real parser took them, so this one is lenient; it must
// only never leave the text nor recurse without bound.
class Walker {
 public:
  explicit Walker(std::string_view text) : text_(text) {}

  std::size_t offset() const { return at_; }

  bool at(char c) {
    skip_space();
    return at_ < text_.size() && text_[at_] == c;
  }

  bool take(char c) {
    if (!at(c)) return false;
    ++at_;
    return true;
  }

  // The content of a string, with its escapes resolved.
  std::optional<std::string> take_string() {
    if (!at('"')) return std::nullopt;
    const std::size_t start = at_;
    skip_string();
    const Json value = Json::parse(text_.substr(start, at_ - start), nullptr, false);
    if (!value.is_string()) return std::nullopt;
    return value.get<std::string>();
  }

  // Skips one value of any kind by counting brackets.
  void skip_value() {
    int depth = 0;
    do {
      skip_space();
      if (at_ >= text_.size()) return;
      const char c = text_[at_];
      if (c == '"') {
        skip_string();
      } else if (c == '{' || c == '[') {
        ++depth;
        ++at_;
      } else if (c == '}' || c == ']') {
        --depth;
        ++at_;
      } else if (depth > 0 && (c == ',' || c == ':')) {
        ++at_;
      } else {
        const auto end = text_.find_first_of(",:]}{[\" \t\r\n/", at_ + 1);
        at_ = end == text_.npos ? text_.size() : end;
      }
    } while (depth > 0);
  }

 private:
  void skip_space() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
        ++at_;
      } else if (text_.substr(at_, 2) == "//") {
        const auto end = text_.find('\n', at_);
        at_ = end == text_.npos ? text_.size() : end;
      } else if (text_.substr(at_, 2) == "/*") {
        const auto end = text_.find("*/", at_ + 2);
        at_ = end == text_.npos ? text_.size() : end + 2;
      } else {
        return;
      }
    }
  }

  void skip_string() {
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\') ++at_;
    }
    at_ = at_ < text_.size() ? at_ + 1 : text_.size();
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::string unescape(std::string_view token) {
  std::string plain;
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (token[i] == '~' && i + 1 < token.size()) {
      plain += token[++i] == '1' ? '/' : '~';
    } else {
      plain += token[i];
    }
  }
  return plain;
}

bool enter_member(Walker& walker, const std::string& name) {
  if (!walker.take('{')) return false;
  while (!walker.at('}')) {
    const auto key = walker.take_string();
    if (!key || !walker.take(':')) return false;
    if (*key == name) return true;
    walker.skip_value();
    if (!walker.take(',')) return false;
  }
  return false;
}

bool enter_element(Walker& walker, std::string_view token) {
  const auto index = parse_int(token);
  if (!index || *index < 0 || !walker.take('[')) return false;
  for (std::int64_t i = 0; i < *index; ++i) {
    walker.skip_value();
    if (!walker.take(',')) return false;
  }
  return true;
}

constexpr int kMaxDepth = 64;

// Notes the place of every value; offsets only grow, so lines are counted once.
class PlaceWalk {
 public:
  explicit PlaceWalk(std::string_view text) : text_(text), walker_(text) {}

  JsonPlaces run() {
    value("", 0);
    return std::move(places_);
  }

 private:
  void value(const std::string& path, int depth) {
    walker_.at('\0');  // skips the space before the value
    note(path, walker_.offset());
    if (depth >= kMaxDepth) {
      walker_.skip_value();
    } else if (walker_.take('{')) {
      members(path, depth);
    } else if (walker_.take('[')) {
      elements(path, depth);
    } else {
      walker_.skip_value();
    }
  }

  void members(const std::string& path, int depth) {
    std::set<std::string, std::less<>> seen;
    while (!walker_.take('}')) {
      const std::size_t start = walker_.offset();
      const auto key = walker_.take_string();
      if (!key || !walker_.take(':')) return;
      const std::string inner = path.empty() ? *key : path + "." + *key;
      if (!seen.insert(*key).second) places_.duplicates.emplace_back(inner, position_at(start));
      value(inner, depth + 1);
      walker_.take(',');
    }
  }

  void elements(const std::string& path, int depth) {
    for (std::size_t i = 0; !walker_.take(']'); ++i) {
      const std::size_t start = walker_.offset();
      value(path + "[" + std::to_string(i) + "]", depth + 1);
      walker_.take(',');
      if (walker_.offset() == start) return;  // the text ended
    }
  }

  void note(const std::string& path, std::size_t offset) { places_.values[path] = position_at(offset); }

  Position position_at(std::size_t offset) {
    for (; counted_ < offset && counted_ < text_.size(); ++counted_) {
      if (text_[counted_] != '\n') continue;
      ++line_;
      line_start_ = counted_ + 1;
    }
    return {line_, static_cast<int>(offset - line_start_) + 1};
  }

  std::string_view text_;
  Walker walker_;
  std::size_t counted_ = 0;
  int line_ = 1;
  std::size_t line_start_ = 0;
  JsonPlaces places_;
};

}  // namespace

JsonPlaces json_places(std::string_view text) {
  return PlaceWalk(text).run();
}

std::optional<Position> json_position(std::string_view text, std::string_view pointer) {
  Walker walker(text);
  if (!pointer.empty() && pointer.front() != '/') return std::nullopt;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const auto end = pointer.find('/');
    const std::string token = unescape(pointer.substr(0, end));
    pointer = end == pointer.npos ? std::string_view() : pointer.substr(end);
    const bool entered = walker.at('[') ? enter_element(walker, token) : enter_member(walker, token);
    if (!entered) return std::nullopt;
  }
  walker.at('\0');  // skips the space before the value
  return position_of(text, walker.offset());
}

}  // namespace ms

#include "textproto.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "cel/utf8.hpp"

namespace conformance {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Message fields(char end) {
    Message message;
    for (blanks(); !at_end(end); blanks()) {
      Message::Field field;
      field.name = name();
      blanks();
      const bool colon = accept(':');
      blanks();
      if (accept('[')) {
        list(field.name, message);
      } else {
        value(field, colon);
        message.fields.push_back(std::move(field));
      }
      blanks();
      if (!accept(',')) accept(';');
    }
    if (end != '\0' && !accept(end)) fail("expected the end of a message");
    return message;
  }

 private:
  bool at_end(char end) const {
    return position_ >= text_.size() || (end != '\0' && text_[position_] == end);
  }

  [[noreturn]] void fail(std::string_view what) const {
    const auto line =
        1 + std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(position_), '\n');
    throw std::runtime_error(fmt::format("line {}: {}", line, what));
  }

  void blanks() {
    while (position_ < text_.size()) {
      const char c = text_[position_];
      if (c == '#') {
        position_ = std::min(text_.find('\n', position_), text_.size());
      } else if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
        ++position_;
      } else {
        return;
      }
    }
  }

  bool accept(char c) {
    if (position_ >= text_.size() || text_[position_] != c) return false;
    ++position_;
    return true;
  }

  std::string word() {
    const std::size_t start = position_;
    constexpr std::string_view kEnds = " \t\r\n:{}<>[],;#\"'";
    while (position_ < text_.size() && kEnds.find(text_[position_]) == kEnds.npos) ++position_;
    if (position_ == start) fail("expected a word");
    return std::string(text_.substr(start, position_ - start));
  }

  std::string name() {
    if (!accept('[')) return word();
    const auto end = text_.find(']', position_);
    if (end == text_.npos) fail("expected ']'");
    std::string result(text_.substr(position_ - 1, end - position_ + 2));
    position_ = end + 1;
    return result;
  }

  void list(const std::string& name, Message& message) {
    for (blanks(); !accept(']'); blanks()) {
      Message::Field element;
      element.name = name;
      value(element, true);
      message.fields.push_back(std::move(element));
      blanks();
      accept(',');
    }
  }

  void value(Message::Field& field, bool scalar_allowed) {
    const char c = position_ < text_.size() ? text_[position_] : '\0';
    if (c == '{' || c == '<') {
      ++position_;
      field.message = std::make_unique<Message>(fields(c == '{' ? '}' : '>'));
    } else if (!scalar_allowed) {
      fail("expected ':' or a message");
    } else if (c == '"' || c == '\'') {
      // Strings that follow each other are one.
      while (position_ < text_.size() && (text_[position_] == '"' || text_[position_] == '\'')) {
        field.text += string();
        blanks();
      }
    } else {
      field.text = word();
    }
  }

  std::string string() {
    const char quote = text_[position_++];
    std::string out;
    while (position_ < text_.size() && text_[position_] != quote) {
      const char c = text_[position_++];
      if (c != '\\') {
        out += c;
      } else {
        escape(out);
      }
    }
    if (!accept(quote)) fail("a string is not closed");
    return out;
  }

  std::uint32_t digits(std::size_t most, std::uint32_t base) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < most && position_ < text_.size(); ++i) {
      const char c = text_[position_];
      const char lower = static_cast<char>(c | 0x20);
      const int digit = c >= '0' && c <= '9' ? c - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : 99;
      if (static_cast<std::uint32_t>(digit) >= base) break;
      value = value * base + static_cast<std::uint32_t>(digit);
      ++position_;
    }
    return value;
  }

  void escape(std::string& out) {
    constexpr std::string_view kLetters = "abfnrtv";
    constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v";
    const char c = text_[position_++];
    char utf8[4];
    if (const auto letter = kLetters.find(c); letter != kLetters.npos) {
      out += kMeanings[letter];
    } else if (c >= '0' && c <= '7') {
      --position_;
      out += static_cast<char>(digits(3, 8));
    } else if (c == 'x' || c == 'X') {
      out += static_cast<char>(digits(2, 16));
    } else if (c == 'u' || c == 'U') {
      out.append(utf8, ms::cel::encode_utf8(digits(c == 'u' ? 4 : 8, 16), utf8));
    } else {
      out += c;
    }
  }

  std::string_view text_;
  std::size_t position_ = 0;
};

}  // namespace

const Message::Field* Message::find(std::string_view name) const {
  const auto found =
      std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.name == name; });
  return found == fields.end() ? nullptr : &*found;
}

const Message* Message::child(std::string_view name) const {
  const Field* const field = find(name);
  return field == nullptr ? nullptr : field->message.get();
}

std::string Message::text(std::string_view name) const {
  const Field* const field = find(name);
  return field == nullptr ? std::string() : field->text;
}

std::vector<const Message*> Message::children(std::string_view name) const {
  std::vector<const Message*> result;
  for (const Field& field : fields) {
    if (field.name == name && field.message != nullptr) result.push_back(field.message.get());
  }
  return result;
}

Message parse_textproto(std::string_view text) {
  return Reader(text).fields('\0');
}

}  // namespace conformance

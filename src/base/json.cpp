#include "base/json.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace ms {
namespace {

// "[json.exception.parse_error.101] parse error at line 3, column 5: syntax error while parsing value - …":
// what follows the last colon-and-space is the part that says something to a person.
std::string plain_message(std::string message) {
  if (const auto at = message.find("parse error at"); at != message.npos) {
    if (const auto colon = message.find(": ", at); colon != message.npos) message = message.substr(colon + 2);
  }
  return message;
}

// nlohmann recurses while it destroys a document, and counts on the stack while it parses: an input of a
// million '[' must be refused before that.
constexpr int kMaxDepth = 200;

template <class Document>
Document parse(std::string_view text, const std::string& source) {
  const auto limit_depth = [&](int depth, typename Document::parse_event_t, Document&) {
    if (depth > kMaxDepth) throw InputError(source, "nested deeper than 200 levels");
    return true;
  };
  try {
    return Document::parse(text.begin(), text.end(), limit_depth, true, true);
  } catch (const nlohmann::json::parse_error& e) {
    const Position position = position_of(text, e.byte > 0 ? e.byte - 1 : 0);
    throw InputError(source, position, "not valid JSON: " + plain_message(e.what()),
                     caret_excerpt(text, position));
  } catch (const nlohmann::json::exception& e) {
    throw InputError(source, std::string("not valid JSON: ") + e.what());
  }
}

}  // namespace

Json parse_json(std::string_view text, const std::string& source) {
  return parse<Json>(text, source);
}

OrderedJson parse_ordered_json(std::string_view text, const std::string& source) {
  return parse<OrderedJson>(text, source);
}

}  // namespace ms

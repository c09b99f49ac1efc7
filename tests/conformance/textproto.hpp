#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace conformance {

/// A message of the text format of protocol buffers, read without its schema: fields in order, each with the
/// text of its scalar (strings unescaped) or with a message.
struct Message {
  struct Field {
    std::string name;  ///< "[type.googleapis.com/...]" for the content of an Any
    std::string text;  ///< of a scalar
    std::unique_ptr<Message> message;
  };
  std::vector<Field> fields;

  /// The first field of that name; nullptr where there is none.
  const Field* find(std::string_view name) const;
  /// The message of that field; nullptr where there is none.
  const Message* child(std::string_view name) const;
  std::string text(std::string_view name) const;
  std::vector<const Message*> children(std::string_view name) const;
};

/// Throws std::runtime_error with a line number.
Message parse_textproto(std::string_view text);

}  // namespace conformance

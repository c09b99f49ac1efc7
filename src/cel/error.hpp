#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace ms::cel {

/// What kind of failure an error value stands for.
enum class ErrorCode : std::uint8_t {
  no_such_key,       ///< a map has no such key, or a list no such index
  no_such_field,     ///< a value that is not a map was asked for a member
  no_such_overload,  ///< an operator or a function does not take these types
  undeclared,        ///< a name or a function that nobody declared (only where checking was switched off)
  divide_by_zero,
  overflow,          ///< a number, a time or a duration that does not fit
  invalid_argument,  ///< a text that is not a number, an invalid pattern, an index out of range
  duplicate_key,     ///< a map literal names a key twice
  limit,             ///< a limit of the environment was reached; the message names it
};

std::string_view to_text(ErrorCode code);

/// What an error value carries.
struct EvalError {
  ErrorCode code;
  std::string_view message;  ///< one sentence without a full stop: "no such key 'GOVERNOR'"
  std::uint32_t offset = 0;  ///< the sub-expression that failed, in the source of the program
  std::uint32_t length = 0;
};

/// A fact that an unknown value stands for.
struct UnknownFact {
  std::string_view path;    ///< "npu.devices[0].health"
  std::string_view reason;  ///< "npu-smi: not found on PATH"
  std::string_view source;  ///< what was asked: "npu-smi info"; may be empty
};

/// An expression that cannot be run: wrong syntax, an unknown name, a type that does not fit.
///
/// what() is the message with the suggestion: "unknown fact 'cpu.goverors'; did you mean 'cpu.governors'?".
class CompileError : public std::runtime_error {
 public:
  CompileError(std::size_t offset, std::size_t length, std::string message,
               std::optional<std::string> suggestion = {});

  std::size_t offset() const { return offset_; }  ///< of the offending part, in bytes of the source
  std::size_t length() const { return length_; }
  const std::string& message() const { return message_; }
  const std::optional<std::string>& suggestion() const { return suggestion_; }

  /// The same error where the source stands `by` bytes into a larger text.
  CompileError shifted(std::size_t by) const;

 private:
  std::size_t offset_;
  std::size_t length_;
  std::string message_;
  std::optional<std::string> suggestion_;
};

}  // namespace ms::cel

#include "cel/error.hpp"

#include "base/closest_match.hpp"

namespace ms::cel {

std::string_view to_text(ErrorCode code) {
  switch (code) {
    case ErrorCode::no_such_key:
      return "no_such_key";
    case ErrorCode::no_such_field:
      return "no_such_field";
    case ErrorCode::no_such_overload:
      return "no_such_overload";
    case ErrorCode::undeclared:
      return "undeclared";
    case ErrorCode::divide_by_zero:
      return "divide_by_zero";
    case ErrorCode::overflow:
      return "overflow";
    case ErrorCode::invalid_argument:
      return "invalid_argument";
    case ErrorCode::duplicate_key:
      return "duplicate_key";
    case ErrorCode::limit:
      return "limit";
  }
  return "error";
}

CompileError::CompileError(std::size_t offset, std::size_t length, std::string message,
                           std::optional<std::string> suggestion)
    : std::runtime_error(message + did_you_mean(suggestion)),
      offset_(offset),
      length_(length),
      message_(std::move(message)),
      suggestion_(std::move(suggestion)) {}

CompileError CompileError::shifted(std::size_t by) const {
  return CompileError(offset_ + by, length_, message_, suggestion_);
}

}  // namespace ms::cel

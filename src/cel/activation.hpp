#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "cel/fact_index.hpp"
#include "cel/value.hpp"

namespace ms::cel {

/// The values of the variables for an evaluation. Refers to the names, documents and values that are bound,
/// and to the activation below, without copying: all of them must outlive it.
///
///     const cel::Activation facts = cel::Activation::of_document(document);
///     cel::Activation element(&facts);
///     element.bind("e", document["npu"]["devices"][2], "npu.devices[2]");
class Activation {
 public:
  Activation() = default;
  /// On top of another one: what is not bound here is looked up there.
  explicit Activation(const Activation* below)
      : below_(below), missing_is_unknown_(below->missing_is_unknown_) {}

  /// Every member of a JSON object is a variable. A declared variable that the document lacks is unknown ("it
  /// is not among the facts"); without a document it is an error.
  /// What the document holds may change afterwards, but nothing may be removed from it.
  static Activation of_document(const Json& document);

  /// `path` is how the variable is called in the paths of unknown facts; by default its name.
  Activation& bind(std::string_view name, const Json& value, std::string_view path = {});
  Activation& bind(std::string_view name, Json&& value, std::string_view path = {}) = delete;
  Activation& bind(std::string_view name, const Value& value, std::string_view path = {});

  struct Binding {
    std::uint64_t hash = 0;
    std::string_view name;
    std::string_view path;
    Value value;
  };

  /// nullptr: not bound.
  const Binding* find(std::string_view name, std::uint64_t hash) const {
    for (const Activation* a = this; a != nullptr; a = a->below_) {
      if (const Binding* const found = a->find_here(name, hash)) return found;
    }
    return nullptr;
  }

  /// What a path leads to in the document, where that can be said at once; nullptr where it has to be walked.
  const Json* fact(const FactPath& path) const {
    if (index_ != nullptr) return index_->find(path);
    return below_ == nullptr ? nullptr : fact_below(path);
  }

  bool missing_is_unknown() const { return missing_is_unknown_; }

  /// Calls `visit(binding)` for all bindings, those on top first.
  template <class Visitor>
  void for_each(Visitor&& visit) const {
    for (const Activation* a = this; a != nullptr; a = a->below_) {
      for (std::size_t i = 0; i < a->count_; ++i) visit(a->first_[i]);
      for (const Binding& binding : a->more_) visit(binding);
    }
  }

 private:
  const Binding* find_here(std::string_view name, std::uint64_t hash) const {
    for (std::size_t i = 0; i < count_; ++i) {
      if (first_[i].hash == hash && same_text(first_[i].name, name)) return &first_[i];
    }
    for (const Binding& binding : more_) {
      if (binding.hash == hash && same_text(binding.name, name)) return &binding;
    }
    return nullptr;
  }

  const Json* fact_below(const FactPath& path) const;

  const Activation* below_ = nullptr;
  bool missing_is_unknown_ = false;
  std::size_t count_ = 0;
  std::array<Binding, 3> first_;
  std::vector<Binding> more_;
  std::shared_ptr<const FactIndex> index_;  ///< of a document whose members are all bound here
};

}  // namespace ms::cel

#include "cel/activation.hpp"

namespace ms::cel {

Activation Activation::of_document(const Json& document) {
  Activation result;
  result.missing_is_unknown_ = true;
  if (const auto* const object = document.get_ptr<const Json::object_t*>()) {
    result.more_.reserve(object->size());
    for (const auto& [name, value] : *object) result.bind(name, value);
    result.index_ = std::make_shared<const FactIndex>(*object);
  }
  return result;
}

const Json* Activation::fact_below(const FactPath& path) const {
  return find_here(path.root(), path.root_hash) != nullptr ? nullptr : below_->fact(path);
}

Activation& Activation::bind(std::string_view name, const Json& value, std::string_view path) {
  return bind(name, Value::of_json(value), path);
}

Activation& Activation::bind(std::string_view name, const Value& value, std::string_view path) {
  const Binding binding{
      .hash = name_hash(name), .name = name, .path = path.empty() ? name : path, .value = value};
  const auto replace = [&](Binding& old) {
    if (old.name != name) return false;
    old = binding;
    index_ = nullptr;  // it may hold what was bound before
    return true;
  };
  for (std::size_t i = 0; i < count_; ++i) {
    if (replace(first_[i])) return *this;
  }
  for (Binding& old : more_) {
    if (replace(old)) return *this;
  }
  if (count_ < first_.size()) {
    first_[count_++] = binding;
  } else {
    more_.push_back(binding);
  }
  return *this;
}

}  // namespace ms::cel

#include "cel/environment.hpp"

#include <algorithm>

#include "base/closest_match.hpp"
#include "cel/activation.hpp"

namespace ms::cel {

Environment::Environment(const Environment* base)
    : limits(base->limits),
      base_(base),
      container_(base->container_),
      checking_(base->checking_),
      block_macros_(base->block_macros_) {}

Environment& Environment::declare(std::string name, Type type) {
  has_qualified_names_ = has_qualified_names_ || name.find('.') != name.npos;
  for (Variable& known : variables_) {
    if (known.name != name) continue;
    known.type = std::move(type);
    return *this;
  }
  const std::uint64_t hash = name_hash(name);
  variables_.push_back({hash, std::move(name), std::move(type)});
  return *this;
}

Environment& Environment::add_function(const FunctionEntry& entry) {
  if (functions_ == nullptr) functions_ = std::make_unique<FunctionTable>();
  const FunctionTable* below = &standard_functions();
  for (const Environment* e = base_; e != nullptr; e = e->base_) {
    if (e->functions_ != nullptr) {
      below = e->functions_.get();
      break;
    }
  }
  functions_->add(entry, below);
  return *this;
}

Environment& Environment::set_container(std::string name) {
  container_ = std::move(name);
  return *this;
}

Environment& Environment::set_checking(bool on) {
  checking_ = on;
  return *this;
}

Environment& Environment::set_block_macros(bool on) {
  block_macros_ = on;
  return *this;
}

const TypeNode* Environment::variable(std::string_view name) const {
  return variable(name, name_hash(name));
}

const TypeNode* Environment::variable(std::string_view name, std::uint64_t hash) const {
  for (const Environment* e = this; e != nullptr; e = e->base_) {
    for (const Variable& known : e->variables_) {
      if (known.hash == hash && known.name == name) return &known.type.node();
    }
  }
  return nullptr;
}

const FunctionGroup* Environment::function(std::string_view name) const {
  for (const Environment* e = this; e != nullptr; e = e->base_) {
    if (e->functions_ == nullptr) continue;
    if (const FunctionGroup* const group = e->functions_->find(name)) return group;
  }
  return standard_functions().find(name);
}

bool Environment::is_namespace(std::string_view name) const {
  for (const Environment* e = this; e != nullptr; e = e->base_) {
    if (e->functions_ != nullptr && e->functions_->is_namespace(name)) return true;
  }
  return standard_functions().is_namespace(name);
}

bool Environment::has_qualified_names() const {
  for (const Environment* e = this; e != nullptr; e = e->base_) {
    if (e->has_qualified_names_) return true;
  }
  return false;
}

std::optional<std::string> Environment::closest_variable(std::string_view name) const {
  std::vector<std::string_view> names;
  for (const Environment* e = this; e != nullptr; e = e->base_) {
    for (const Variable& known : e->variables_) names.push_back(known.name);
  }
  std::sort(names.begin(), names.end());  // so that of two equally near names it is always the same one
  return closest_match(name, names);
}

std::optional<std::string> Environment::closest_function(std::string_view name) const {
  std::vector<std::string_view> names;
  const auto collect = [&](const FunctionTable& table) {
    for (const auto& [function_name, group] : table.groups()) names.push_back(function_name);
  };
  for (const Environment* e = this; e != nullptr; e = e->base_) {
    if (e->functions_ != nullptr) collect(*e->functions_);
  }
  collect(standard_functions());
  std::sort(names.begin(), names.end());
  return closest_match(name, names);
}

}  // namespace ms::cel

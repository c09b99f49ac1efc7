#include "cel/type.hpp"

#include <algorithm>
#include <array>
#include <mutex>
#include <unordered_map>

namespace ms::cel {
namespace {

constexpr std::size_t kKinds = static_cast<std::size_t>(TypeKind::parameter) + 1;

constexpr std::array<TypeNode, kKinds> basic_nodes() {
  std::array<TypeNode, kKinds> nodes{};
  for (std::size_t i = 0; i < kKinds; ++i) nodes[i].kind = static_cast<TypeKind>(i);
  return nodes;
}

constexpr std::array<TypeNode, kKinds> kBasicNodes = basic_nodes();

constexpr std::string_view kind_name(TypeKind kind) {
  switch (kind) {
    case TypeKind::dyn:
      return "dyn";
    case TypeKind::null:
      return "null";
    case TypeKind::boolean:
      return "bool";
    case TypeKind::integer:
      return "int";
    case TypeKind::unsigned_integer:
      return "uint";
    case TypeKind::real:
      return "double";
    case TypeKind::string:
      return "string";
    case TypeKind::bytes:
      return "bytes";
    case TypeKind::timestamp:
      return "timestamp";
    case TypeKind::duration:
      return "duration";
    case TypeKind::type:
      return "type";
    case TypeKind::list:
      return "list";
    case TypeKind::map:
      return "map";
    case TypeKind::optional:
      return "optional";
    case TypeKind::opaque:
    case TypeKind::object:
    case TypeKind::parameter:
      return {};
  }
  return {};
}

// A node together with all that it refers to.
struct OwnedNode {
  TypeNode node;
  std::string name;
  std::vector<Type> parts;
  std::vector<const TypeNode*> parameters;
  std::vector<std::string> field_names;
  std::vector<ObjectField> fields;

  OwnedNode() = default;
  OwnedNode(const OwnedNode&) = delete;
  OwnedNode& operator=(const OwnedNode&) = delete;
  ~OwnedNode();
};

// The object types that there are, so that a copy of one with a hundred fields is a reference to it.
class ObjectTypes {
 public:
  void add(const std::shared_ptr<const OwnedNode>& owned) {
    const std::lock_guard lock(mutex_);
    known_.insert_or_assign(&owned->node, owned);
  }

  void remove(const TypeNode* node) {
    const std::lock_guard lock(mutex_);
    known_.erase(node);
  }

  // nullptr: not one of them, or on its way out.
  std::shared_ptr<const OwnedNode> find(const TypeNode* node) {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(node);
    return found == known_.end() ? nullptr : found->second.lock();
  }

 private:
  std::mutex mutex_;
  std::unordered_map<const TypeNode*, std::weak_ptr<const OwnedNode>> known_;
};

ObjectTypes& object_types() {
  static auto* const types = new ObjectTypes;  // types of static variables outlive any order of destruction
  return *types;
}

OwnedNode::~OwnedNode() {
  if (node.kind == TypeKind::object) object_types().remove(&node);
}

std::shared_ptr<const TypeNode> own(TypeKind kind, std::string name, std::vector<Type> parts) {
  auto owned = std::make_shared<OwnedNode>();
  owned->name = std::move(name);
  owned->parts = std::move(parts);
  for (const Type& part : owned->parts) owned->parameters.push_back(&part.node());
  owned->node = TypeNode{.kind = kind, .parameters = owned->parameters, .name = owned->name};
  return {owned, &owned->node};
}

}  // namespace

const TypeNode* basic_type(TypeKind kind) {
  return &kBasicNodes[static_cast<std::size_t>(kind)];
}

const TypeNode* TypeNode::field(std::string_view field_name) const {
  const std::uint64_t prefix = text_prefix(field_name);
  auto found =
      std::lower_bound(fields.begin(), fields.end(), prefix,
                       [](const ObjectField& field, std::uint64_t wanted) { return field.prefix < wanted; });
  for (; found != fields.end() && found->prefix == prefix; ++found) {
    if (same_text(found->name, field_name)) return found->type;
  }
  return nullptr;
}

std::string to_text(const TypeNode& type) {
  std::string text(type.name.empty() ? kind_name(type.kind) : type.name);
  if (type.kind == TypeKind::object || type.parameters.empty()) return text;
  text += '(';
  for (std::size_t i = 0; i < type.parameters.size(); ++i) {
    if (i > 0) text += ", ";
    text += to_text(*type.parameters[i]);
  }
  return text + ')';
}

bool same(const TypeNode& a, const TypeNode& b) {
  if (&a == &b) return true;
  if (a.kind != b.kind || a.name != b.name || a.variable != b.variable) return false;
  if (a.parameters.size() != b.parameters.size() || a.fields.size() != b.fields.size()) return false;
  for (std::size_t i = 0; i < a.parameters.size(); ++i) {
    if (!same(*a.parameters[i], *b.parameters[i])) return false;
  }
  for (std::size_t i = 0; i < a.fields.size(); ++i) {
    if (a.fields[i].name != b.fields[i].name || !same(*a.fields[i].type, *b.fields[i].type)) return false;
  }
  return true;
}

namespace {
// The basic nodes live as long as the program, so nothing owns them.
std::shared_ptr<const TypeNode> unowned(TypeKind kind) {
  return {std::shared_ptr<void>(), basic_type(kind)};
}
}  // namespace

Type Type::dyn() {
  return Type(unowned(TypeKind::dyn));
}
Type Type::null() {
  return Type(unowned(TypeKind::null));
}
Type Type::boolean() {
  return Type(unowned(TypeKind::boolean));
}
Type Type::integer() {
  return Type(unowned(TypeKind::integer));
}
Type Type::unsigned_integer() {
  return Type(unowned(TypeKind::unsigned_integer));
}
Type Type::real() {
  return Type(unowned(TypeKind::real));
}
Type Type::string() {
  return Type(unowned(TypeKind::string));
}
Type Type::bytes() {
  return Type(unowned(TypeKind::bytes));
}
Type Type::timestamp() {
  return Type(unowned(TypeKind::timestamp));
}
Type Type::duration() {
  return Type(unowned(TypeKind::duration));
}
Type Type::type() {
  return Type(unowned(TypeKind::type));
}
Type Type::list(const Type& element) {
  return Type(own(TypeKind::list, {}, {element}));
}
Type Type::map(const Type& key, const Type& value) {
  return Type(own(TypeKind::map, {}, {key, value}));
}
Type Type::optional(const Type& value) {
  return Type(own(TypeKind::optional, {}, {value}));
}
Type Type::parameter(std::string name) {
  return Type(own(TypeKind::parameter, std::move(name), {}));
}

Type Type::opaque(std::string name, std::vector<Type> parameters) {
  return Type(own(TypeKind::opaque, std::move(name), std::move(parameters)));
}

Type Type::object(std::string name, std::vector<Field> fields) {
  std::sort(fields.begin(), fields.end(), [](const Field& a, const Field& b) { return a.name < b.name; });
  auto owned = std::make_shared<OwnedNode>();
  owned->name = std::move(name);
  owned->field_names.reserve(fields.size());  // the views below must not move
  for (Field& field : fields) {
    owned->field_names.push_back(std::move(field.name));
    owned->parts.push_back(std::move(field.type));
    owned->fields.push_back({owned->field_names.back(), &owned->parts.back().node()});
  }
  owned->node = TypeNode{.kind = TypeKind::object, .name = owned->name, .fields = owned->fields};
  object_types().add(owned);
  return Type({owned, &owned->node});
}

Type Type::copy_of(const TypeNode& node) {
  if (node.kind == TypeKind::object) {
    if (auto owned = object_types().find(&node)) {
      const TypeNode* shared = &owned->node;
      return Type({std::move(owned), shared});
    }
    std::vector<Field> fields;
    for (const ObjectField& field : node.fields) {
      fields.push_back({std::string(field.name), copy_of(*field.type)});
    }
    return object(std::string(node.name), std::move(fields));
  }
  if (node.parameters.empty() && node.name.empty()) return Type(unowned(node.kind));
  std::vector<Type> parts;
  for (const TypeNode* part : node.parameters) parts.push_back(copy_of(*part));
  return Type(own(node.kind, std::string(node.name), std::move(parts)));
}

}  // namespace ms::cel

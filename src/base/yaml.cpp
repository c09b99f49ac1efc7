#include "base/yaml.hpp"

#include <fmt/format.h>
#include <yaml.h>

#include <map>

#include "base/text.hpp"

namespace ms {
namespace {

constexpr std::size_t kMaxDepth = 64;
constexpr std::size_t kMaxNodes = 500000;
constexpr std::string_view kMerge = "<<";

std::string_view view(const yaml_char_t* text) {
  return reinterpret_cast<const char*>(text);
}

std::string_view view(const yaml_char_t* text, std::size_t length) {
  return {reinterpret_cast<const char*>(text), length};
}

const YamlNode* own_member(const YamlNode& map, std::string_view key) {
  for (const auto& [name, value] : map.members) {
    if (name == key) return value;
  }
  return nullptr;
}

// Events, one at a time, each freed before the next.
class Events {
 public:
  Events(std::string_view text, const std::string& source) : text_(text), source_(source) {
    yaml_parser_initialize(&parser_);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  }
  Events(const Events&) = delete;
  Events& operator=(const Events&) = delete;
  ~Events() {
    yaml_event_delete(&event_);
    yaml_parser_delete(&parser_);
  }

  const yaml_event_t& next() {
    yaml_event_delete(&event_);
    event_ = {};
    if (yaml_parser_parse(&parser_, &event_) == 0) {
      const char* problem = parser_.problem != nullptr ? parser_.problem : "cannot be read";
      const bool by_byte = parser_.error == YAML_READER_ERROR;
      fail(by_byte ? position_of(text_, parser_.problem_offset) : place(parser_.problem_mark),
           fmt::format("not valid YAML: {}", problem));
    }
    return event_;
  }

  static Position place(const yaml_mark_t& mark) {
    return {.line = static_cast<int>(mark.line) + 1, .column = static_cast<int>(mark.column) + 1};
  }

  [[noreturn]] void fail(Position at, const std::string& message) const {
    throw InputError(source_, at, message, caret_excerpt(text_, at));
  }

 private:
  std::string_view text_;
  const std::string& source_;
  yaml_parser_t parser_ = {};
  yaml_event_t event_ = {};
};

class TreeBuilder {
 public:
  TreeBuilder(std::string_view text, const std::string& source) : events_(text, source) {}

  YamlFile build() {
    for (;;) {
      const yaml_event_t& event = events_.next();
      const Position at = Events::place(event.start_mark);
      switch (event.type) {
        case YAML_STREAM_END_EVENT:
          return std::move(file_);
        case YAML_DOCUMENT_START_EVENT:
          anchors_.clear();
          break;
        case YAML_SCALAR_EVENT:
          scalar(event, at);
          break;
        case YAML_SEQUENCE_START_EVENT:
          open(YamlNode::Kind::list, event.data.sequence_start.anchor, at);
          break;
        case YAML_MAPPING_START_EVENT:
          open(YamlNode::Kind::map, event.data.mapping_start.anchor, at);
          break;
        case YAML_SEQUENCE_END_EVENT:
        case YAML_MAPPING_END_EVENT:
          close();
          break;
        case YAML_ALIAS_EVENT:
          alias(std::string(view(event.data.alias.anchor)), at);
          break;
        default:
          break;
      }
    }
  }

 private:
  // A list or map that has begun and not ended.
  struct Open {
    YamlNode* node;
    std::string anchor;
    std::string key;
    bool has_key = false;
  };

  YamlNode* make(YamlNode::Kind kind, Position at) {
    if (file_.nodes.size() >= kMaxNodes) events_.fail(at, fmt::format("more than {} values", kMaxNodes));
    YamlNode& node = file_.nodes.emplace_back();
    node.kind = kind;
    node.position = at;
    return &node;
  }

  void scalar(const yaml_event_t& event, Position at) {
    const auto& data = event.data.scalar;
    const std::string_view text = view(data.value, data.length);
    if (!open_.empty() && open_.back().node->is_map() && !open_.back().has_key) {
      open_.back().key = text;
      open_.back().has_key = true;
      return;
    }
    YamlNode* node = make(YamlNode::Kind::scalar, at);
    node->text = text;
    node->plain = data.style == YAML_PLAIN_SCALAR_STYLE;
    if (data.anchor != nullptr) anchors_[std::string(view(data.anchor))] = node;
    put(node);
  }

  void open(YamlNode::Kind kind, const yaml_char_t* anchor, Position at) {
    if (open_.size() >= kMaxDepth) events_.fail(at, fmt::format("nests deeper than {} levels", kMaxDepth));
    if (!open_.empty() && open_.back().node->is_map() && !open_.back().has_key) {
      events_.fail(at, "a key must be a single word or text");
    }
    open_.push_back({.node = make(kind, at), .anchor = {}, .key = {}});
    if (anchor != nullptr) open_.back().anchor = view(anchor);
  }

  void close() {
    const Open done = std::move(open_.back());
    open_.pop_back();
    // Known from here on only, so that a node cannot hold itself.
    if (!done.anchor.empty()) anchors_[done.anchor] = done.node;
    put(done.node);
  }

  void alias(const std::string& name, Position at) {
    const auto found = anchors_.find(name);
    if (found == anchors_.end())
      events_.fail(at, fmt::format("there is no '&{}' before this '*{}'", name, name));
    if (!open_.empty() && open_.back().node->is_map() && !open_.back().has_key) {
      events_.fail(at, "a key must be a single word or text");
    }
    put(found->second);
  }

  void put(const YamlNode* node) {
    if (open_.empty()) {
      file_.documents.push_back(node);
    } else if (open_.back().node->is_map()) {
      open_.back().node->members.emplace_back(std::move(open_.back().key), node);
      open_.back().has_key = false;
    } else {
      open_.back().node->items.push_back(node);
    }
  }

  Events events_;
  YamlFile file_;
  std::vector<Open> open_;
  std::map<std::string, const YamlNode*> anchors_;
};

}  // namespace

bool YamlNode::is_null() const {
  return is_scalar() && plain && (text.empty() || text == "~" || to_lower(text) == "null");
}

const YamlNode* YamlNode::find(std::string_view key) const {
  if (const YamlNode* value = own_member(*this, key)) return value;
  const YamlNode* merged = own_member(*this, kMerge);
  if (merged == nullptr) return nullptr;
  if (merged->is_map()) return own_member(*merged, key);
  for (const YamlNode* map : merged->items) {
    if (const YamlNode* value = own_member(*map, key)) return value;
  }
  return nullptr;
}

YamlFile parse_yaml(std::string_view text, const std::string& source) {
  return TreeBuilder(text, source).build();
}

}  // namespace ms

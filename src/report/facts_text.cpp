#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "base/text.hpp"
#include "base/units.hpp"
#include "report/facts.hpp"

namespace ms {
namespace {

constexpr std::size_t kMaxNameWidth = 28;

bool is_leaf(const Json& value) {
  return !value.is_object() || absent_reason(value);
}

bool is_list_of_objects(const Json& value) {
  return value.is_array() && !value.empty() && value.front().is_object();
}

bool is_list_of_scalars(const Json& value) {
  return value.is_array() && !value.empty() &&
         std::none_of(value.begin(), value.end(),
                      [](const Json& element) { return element.is_structured(); });
}

// A value on one line, as a person reads it.
std::string scalar_text(std::string_view name, const Json& value) {
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    return text.empty() || text.find('\n') != text.npos
               ? value.dump(-1, ' ', false, Json::error_handler_t::replace)
               : text;
  }
  if (is_list_of_scalars(value)) {
    std::vector<std::string> elements;
    for (const Json& element : value) elements.push_back(scalar_text("", element));
    return fmt::format("{}", fmt::join(elements, ", "));
  }
  if (value.is_number_integer() && name.ends_with("_bytes") && value.get<std::int64_t>() >= 1024) {
    return fmt::format("{} ({})", value.get<std::int64_t>(), format_bytes(value.get<std::int64_t>()));
  }
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// A value in a table: sizes in their unit alone, lists by their elements.
std::string cell_text(std::string_view name, const Json& value) {
  if (value.is_number_integer() && name.ends_with("_bytes")) return format_bytes(value.get<std::int64_t>());
  if (is_list_of_objects(value)) {
    std::vector<std::string> elements;
    for (const Json& element : value) {
      std::vector<std::string> members;
      for (const auto& [member, inner] : element.items()) members.push_back(cell_text(member, inner));
      elements.push_back(fmt::format("{}", fmt::join(members, " ")));
    }
    return fmt::format("{}", fmt::join(elements, ", "));
  }
  return scalar_text(name, value);
}

class Tree {
 public:
  Tree(const FactDocument& facts, std::string_view root, const TextStyle& style)
      : facts_(facts), root_(root), style_(style) {}

  void write(const std::string& path, std::string_view name, const Json& value, std::size_t indent,
             std::size_t name_width) {
    const std::string head = std::string(indent, ' ') + pad(name, is_leaf(value) ? name_width : 0);
    if (const auto reason = absent_reason(value)) {
      const std::string source = value.front().value("source", "");
      const bool is_said = source.empty() || reason->find(source) != reason->npos;
      text_ += fmt::format("{}  {}{}\n", head, absence(*reason), is_said ? "" : place(source));
      return;
    }
    const std::string source = source_of(path);
    if (is_list_of_objects(value)) {
      text_ += fmt::format("{}{}\n", head, source);
      if (value.front().contains("places")) {
        write_configs(value, indent + 2);
      } else {
        write_table(value, indent + 2);
      }
      return;
    }
    if (is_leaf(value)) {
      text_ += fmt::format("{}  {}{}\n", head, scalar_text(name, value), source);
      return;
    }
    text_ += fmt::format("{}{}\n", head, source);
    std::size_t width = 0;
    for (const auto& [member, inner] : value.items()) {
      if (is_leaf(inner)) width = std::max(width, std::min(member.size(), kMaxNameWidth));
    }
    for (const auto& [member, inner] : value.items()) {
      write(path + "." + member, member, inner, indent + 2, width);
    }
  }

  std::string take() { return std::move(text_); }

 private:
  // A config has more settings than a row holds: one a line, with its line in the file; defaults have none.
  void write_configs(const Json& list, std::size_t indent) {
    for (const Json& config : list) {
      text_ += fmt::format("{}{}  {}\n", std::string(indent, ' '), config.value("role", ""),
                           config.value("file", ""));
      const Json places = config.value("places", Json::object());
      for (const auto& [name, value] : config.items()) {
        if (name == "places" || name == "role" || name == "file") continue;
        const auto reason = absent_reason(value);
        const std::string at = places.value(name, "");
        text_ += fmt::format("{}{}  {}{}\n", std::string(indent + 2, ' '), pad(name, kMaxNameWidth),
                             reason ? absence(*reason) : cell_text(name, value),
                             at.empty() ? "" : place(at.substr(at.rfind(':') + 1)));
      }
    }
  }

  // A row for each element. A column that is absent for the same reason in all is one line below.
  void write_table(const Json& list, std::size_t indent) {
    struct Column {
      std::string name;
      std::vector<std::string> cells;
      std::size_t width;
    };
    std::vector<Column> columns;
    std::string notes;
    for (const std::string& name : column_names(list)) {
      if (const auto reason = common_reason(list, name)) {
        notes +=
            fmt::format("{}{}\n", std::string(indent, ' '), absence(fmt::format("{}: {}", name, *reason)));
        continue;
      }
      Column column{name, {}, display_width(name)};
      for (const Json& element : list) {
        const auto value = element.find(name);
        column.cells.push_back(value == element.end() || absent_reason(*value) ? "-"
                                                                               : cell_text(name, *value));
        column.width = std::max(column.width, display_width(column.cells.back()));
      }
      columns.push_back(std::move(column));
    }
    const auto write_row = [&](auto&& cell) {
      std::string line(indent, ' ');
      for (const Column& column : columns) line += pad(cell(column), column.width) + "  ";
      line.erase(line.find_last_not_of(' ') + 1);
      return line;
    };
    if (columns.size() > 1) {
      text_ += paint(style_, Color::dim, write_row([](const Column& c) { return c.name; })) + "\n";
    }
    for (std::size_t row = 0; row < list.size(); ++row) {
      text_ += write_row([&](const Column& c) { return c.cells[row]; }) + "\n";
    }
    text_ += notes;
  }

  // What an element is called by stands first.
  static std::vector<std::string> column_names(const Json& list) {
    constexpr std::string_view kFirst[] = {"npu", "id",    "chip", "cpu", "node",
                                           "pid", "mount", "path", "name"};
    std::vector<std::string> names;
    const auto add = [&](const std::string& name) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    };
    for (const std::string_view first : kFirst) {
      if (list.front().contains(first)) add(std::string(first));
    }
    for (const Json& element : list) {
      for (const auto& [name, value] : element.items()) add(name);
    }
    return names;
  }

  static std::optional<std::string> common_reason(const Json& list, const std::string& name) {
    std::optional<std::string> common;
    for (const Json& element : list) {
      const auto value = element.find(name);
      const auto reason = value == element.end() ? std::nullopt : absent_reason(*value);
      if (!reason || (common && *common != *reason)) return std::nullopt;
      common = reason;
    }
    return common;
  }

  std::string absence(const std::string& reason) const {
    return paint(style_, Color::yellow, std::string(style_.pick("absent: ", "缺失：")) + reason);
  }

  // Where the fact at just this path comes from; what is inside a fact comes from where it does.
  std::string source_of(const std::string& path) const {
    const Provenance* own = facts_.provenance(path);
    const auto dot = path.rfind('.');
    const bool is_shown_above = dot != path.npos && path != root_;
    const Provenance* outer = is_shown_above ? facts_.provenance(path.substr(0, dot)) : nullptr;
    if (own == nullptr || own == outer || own->source.empty()) return "";
    return place(own->source);
  }

  std::string place(const std::string& source) const {
    return "  " + paint(style_, Color::dim, fmt::format("[{}]", source));
  }

  const FactDocument& facts_;
  std::string_view root_;
  const TextStyle& style_;
  std::string text_;
};

}  // namespace

std::string facts_text(const FactDocument& facts, std::string_view path, const TextStyle& style) {
  Tree tree(facts, path, style);
  if (path.empty()) {
    for (const auto& [name, value] : facts.tree().items()) tree.write(name, name, value, 0, 0);
  } else if (const Json* value = facts.find(path)) {
    tree.write(std::string(path), path, *value, 0, 0);
  } else {
    return fmt::format("{}  {}\n", path, style.pick("not set", "未设置"));
  }
  return tree.take();
}

}  // namespace ms

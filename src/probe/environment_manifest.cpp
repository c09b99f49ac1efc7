#include <fmt/format.h>
#include <fmt/ranges.h>
#include <re2/re2.h>

#include <map>

#include "base/closest_match.hpp"
#include "base/text.hpp"
#include "base/yaml.hpp"
#include "probe/environment_file.hpp"

namespace ms {
namespace {

// Far more than a manifest has; aliases may lead a walk to the same node again and again.
constexpr int kMaxVisits = 200000;

// A container that a file describes.
struct Container {
  std::string workload;  // the name of what it is a part of; empty where it stands alone
  std::string name;
  const YamlNode* node = nullptr;
  EnvironmentFile (*read)(const Container& container, const std::string& source) = nullptr;

  std::string full_name() const { return workload.empty() ? name : workload + "/" + name; }
};

std::string text_of(const YamlNode* node) {
  return node != nullptr && node->is_scalar() ? sanitize_utf8(node->text) : std::string();
}

const YamlNode* at_path(const YamlNode* node, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    if (node == nullptr || !node->is_map()) return nullptr;
    node = node->find(key);
  }
  return node;
}

EnvironmentFile empty_environment(const Container& container, const std::string& source) {
  return {
      .origin = fmt::format("{}, container {}", source, container.full_name()), .variables = {}, .notes = {}};
}

[[noreturn]] void fail_at(const std::string& source, const YamlNode& node, const std::string& message) {
  throw InputError(source, node.position, message);
}

// "NAME=value", or a name alone, whose value comes from the environment of the one who starts the container.
FileVariable assignment(const std::string& text, int line) {
  const auto equals = text.find('=');
  if (equals != text.npos) return {text.substr(0, equals), text.substr(equals + 1), line};
  return {text, Absent{"its value comes from the shell that starts the container"}, line};
}

// ---- Kubernetes

// Kubernetes fills in $(NAME) from the variables above; "$$(" is an escaped "$(".
Reading<std::string> filled_in(const std::string& text,
                               const std::map<std::string, Reading<std::string>>& above) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    if (text.compare(at, 2, "$$") == 0) {
      result += '$';
      at += 2;
      continue;
    }
    const std::size_t end = text.compare(at, 2, "$(") == 0 ? text.find(')', at) : text.npos;
    if (end == text.npos) {
      result += text[at++];
      continue;
    }
    const std::string name = text.substr(at + 2, end - at - 2);
    const auto found = above.find(name);
    if (found == above.end()) {
      result += text.substr(at, end + 1 - at);
    } else if (!found->second) {
      return Absent{fmt::format("refers to {}: {}", name, found->second.reason())};
    } else {
      result += *found->second;
    }
    // What is filled in may double with every line.
    if (result.size() > std::size_t{1} << 20) return Absent{"is longer than 1 MiB"};
    at = end + 1;
  }
  return result;
}

std::string value_source(const YamlNode& from) {
  for (const auto& [kind, what] : from.members) {
    const std::string name = text_of(at_path(what, {"name"}));
    const std::string key = text_of(at_path(what, {"key"}));
    const std::string field = text_of(at_path(what, {"fieldPath"}));
    if (!key.empty()) return fmt::format("{} {}, key {}", sanitize_utf8(kind), name, key);
    const std::string& which = field.empty() ? name : field;
    return which.empty() ? sanitize_utf8(kind) : fmt::format("{} {}", sanitize_utf8(kind), which);
  }
  return "valueFrom";
}

void note_unquoted(const YamlNode& value, const std::string& name, const std::string& source,
                   std::vector<std::string>& notes) {
  const std::string word = to_lower(value.text);
  const bool other_type = parse_double(value.text) || word == "true" || word == "false" || word == "yes" ||
                          word == "no" || word == "on" || word == "off";
  if (!value.plain || !other_type) return;
  notes.push_back(fmt::format("{}:{}: the value of {} needs quotes: Kubernetes takes texts only", source,
                              value.position.line, name));
}

EnvironmentFile read_kubernetes(const Container& container, const std::string& source) {
  EnvironmentFile environment = empty_environment(container, source);
  if (const YamlNode* from = container.node->find("envFrom"); from != nullptr && from->is_list()) {
    for (const YamlNode* item : from->items) {
      environment.notes.push_back(fmt::format("{}:{}: the variables of {} are not known here", source,
                                              item->position.line,
                                              item->is_map() ? value_source(*item) : "envFrom"));
    }
  }
  const YamlNode* list = container.node->find("env");
  if (list == nullptr || list->is_null()) return environment;
  if (!list->is_list()) fail_at(source, *list, "'env' must be a list of names and values");
  std::map<std::string, Reading<std::string>> above;
  for (const YamlNode* item : list->items) {
    const std::string name = text_of(item->is_map() ? item->find("name") : nullptr);
    if (name.empty()) fail_at(source, *item, "an element of 'env' must have a 'name'");
    const YamlNode* value = item->find("value");
    const YamlNode* from = item->find("valueFrom");
    Reading<std::string> reading = std::string();
    if (from != nullptr && from->is_map()) {
      reading = Absent{fmt::format("comes from {}, which is not known here", value_source(*from))};
    } else if (value != nullptr && !value->is_scalar()) {
      fail_at(source, *value, fmt::format("the value of {} must be a text", name));
    } else if (value != nullptr && !value->is_null()) {
      note_unquoted(*value, name, source, environment.notes);
      reading = filled_in(text_of(value), above);
    }
    const int line = (value != nullptr ? value : item)->position.line;
    environment.variables.push_back({name, reading, line});
    above.insert_or_assign(name, reading);
  }
  return environment;
}

// Every list "containers", wherever it stands: a Pod, the template of a Deployment, a StatefulSet or a Job,
// and the many kinds that operators add.
void find_kubernetes(const YamlNode& node, const std::string& workload, std::vector<Container>& found,
                     int& visits) {
  if (++visits > kMaxVisits) return;
  for (const YamlNode* item : node.items) find_kubernetes(*item, workload, found, visits);
  std::string name = text_of(at_path(&node, {"metadata", "name"}));
  if (name.empty()) name = workload;
  for (const auto& [key, value] : node.members) {
    if (key != "containers" || !value->is_list()) {
      find_kubernetes(*value, name, found, visits);
      continue;
    }
    for (const YamlNode* item : value->items) {
      if (item->is_map()) found.push_back({name, text_of(item->find("name")), item, read_kubernetes});
    }
  }
}

// ---- docker inspect

EnvironmentFile read_docker(const Container& container, const std::string& source) {
  EnvironmentFile environment = empty_environment(container, source);
  const YamlNode* list = at_path(container.node, {"Config", "Env"});
  if (list == nullptr || list->is_null()) return environment;
  if (!list->is_list()) fail_at(source, *list, "'Config.Env' must be a list of NAME=value");
  for (const YamlNode* item : list->items) {
    if (!item->is_scalar()) fail_at(source, *item, "expected NAME=value");
    environment.variables.push_back(assignment(text_of(item), item->position.line));
  }
  return environment;
}

std::string docker_name(const YamlNode& node) {
  std::string name = text_of(node.find("Name"));
  while (name.starts_with('/')) name.erase(0, 1);
  return name.empty() ? text_of(node.find("Id")).substr(0, 12) : name;
}

void find_docker(const YamlNode& node, std::vector<Container>& found) {
  if (node.is_map() && at_path(&node, {"Config"}) != nullptr) {
    found.push_back({"", docker_name(node), &node, read_docker});
  }
  for (const YamlNode* item : node.items) {
    if (item->is_map() && item->find("Config") != nullptr) {
      found.push_back({"", docker_name(*item), item, read_docker});
    }
  }
}

// ---- Compose

// Compose fills in $NAME and ${NAME...} from the shell that starts it; "$$" is a "$".
FileVariable composed(FileVariable variable) {
  if (!variable.value) return variable;
  static const RE2 reference(R"((?:^|[^$])(?:\$\$)*(\$(?:\{[^}]*\}|[A-Za-z_][A-Za-z0-9_]*)))");
  std::string found;
  if (RE2::PartialMatch(*variable.value, reference, &found)) {
    variable.value = Absent{fmt::format("the shell that starts the container fills in {}", found)};
  } else {
    static const RE2 escaped(R"(\$\$)");
    RE2::GlobalReplace(&*variable.value, escaped, "$");
  }
  return variable;
}

EnvironmentFile read_compose(const Container& container, const std::string& source) {
  EnvironmentFile environment = empty_environment(container, source);
  if (const YamlNode* file = container.node->find("env_file"); file != nullptr) {
    environment.notes.push_back(
        fmt::format("{}:{}: the variables of env_file are not known here", source, file->position.line));
  }
  const YamlNode* list = container.node->find("environment");
  if (list == nullptr || list->is_null()) return environment;
  for (const YamlNode* item : list->items) {
    if (!item->is_scalar()) fail_at(source, *item, "expected NAME=value");
    environment.variables.push_back(composed(assignment(text_of(item), item->position.line)));
  }
  for (const auto& [name, value] : list->members) {
    if (!value->is_scalar()) fail_at(source, *value, fmt::format("the value of {} must be a text", name));
    const std::string text = sanitize_utf8(name) + (value->is_null() ? "" : "=" + text_of(value));
    environment.variables.push_back(composed(assignment(text, value->position.line)));
  }
  return environment;
}

void find_compose(const YamlNode& node, std::vector<Container>& found) {
  const YamlNode* services = at_path(&node, {"services"});
  if (services == nullptr || !services->is_map()) return;
  for (const auto& [name, service] : services->members) {
    if (service->is_map()) found.push_back({"", sanitize_utf8(name), service, read_compose});
  }
}

// ---- Which one

std::vector<Container> find_containers(const YamlFile& file) {
  std::vector<Container> found;
  int visits = 0;
  for (const YamlNode* document : file.documents) {
    find_docker(*document, found);
    find_compose(*document, found);
    find_kubernetes(*document, "", found, visits);
  }
  return found;
}

std::vector<std::string> names_of(const std::vector<Container>& containers) {
  std::vector<std::string> names;
  for (const Container& container : containers) names.push_back(container.full_name());
  return names;
}

std::string shown(const std::vector<Container>& containers) {
  constexpr std::size_t kShown = 10;
  std::vector<std::string> names = names_of(containers);
  const std::size_t more = names.size() - std::min(names.size(), kShown);
  names.resize(names.size() - more);
  return fmt::format("{}{}", fmt::join(names, ", "), more > 0 ? fmt::format(" and {} more", more) : "");
}

const Container& named(const std::vector<Container>& containers, const std::string& name,
                       const std::string& source) {
  std::vector<Container> matching;
  const Container* match = nullptr;
  for (const Container& container : containers) {
    if (container.name != name && container.full_name() != name) continue;
    matching.push_back(container);
    match = &container;
  }
  if (matching.size() == 1) return *match;
  if (matching.empty()) {
    const auto suggestion = closest_match(name, names_of(containers));
    throw InputError("--container",
                     fmt::format("{} has no container '{}'{}", source, name,
                                 suggestion ? did_you_mean(suggestion) : "; it has " + shown(containers)));
  }
  throw InputError("--container", fmt::format("{} has several containers '{}': say which of {}", source, name,
                                              shown(matching)));
}

bool has_variables(const Container& container) {
  for (const std::string_view key : {"env", "envFrom", "environment", "env_file"}) {
    if (container.node->find(key) != nullptr) return true;
  }
  return at_path(container.node, {"Config", "Env"}) != nullptr;
}

const Container& only_one(const std::vector<Container>& containers, const std::string& source) {
  std::vector<Container> with_variables;
  const Container* match = nullptr;
  for (const Container& container : containers) {
    if (!has_variables(container)) continue;
    with_variables.push_back(container);
    match = &container;
  }
  if (with_variables.size() == 1) return *match;
  if (with_variables.empty()) {
    throw InputError(source, fmt::format("no container has variables; there are {}", shown(containers)));
  }
  throw InputError(source,
                   fmt::format("several containers have variables: {}; say which one with --container",
                               shown(with_variables)));
}

}  // namespace

EnvironmentFile read_container_environment(std::string_view text, const std::string& source,
                                           const std::string& container) {
  const YamlFile file = parse_yaml(text, source);
  const std::vector<Container> containers = find_containers(file);
  if (containers.empty()) {
    throw InputError(
        source,
        "holds no container; expected a Kubernetes manifest, the output of 'docker inspect', or a "
        "Compose file");
  }
  const Container& chosen =
      container.empty() ? only_one(containers, source) : named(containers, container, source);
  EnvironmentFile environment = chosen.read(chosen, source);
  keep_last_of_each_name(environment.variables);
  return environment;
}

}  // namespace ms

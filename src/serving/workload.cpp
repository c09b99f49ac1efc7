#include "serving/workload.hpp"

#include <fmt/format.h>

#include <array>

#include "base/text.hpp"
#include "facts/document.hpp"

namespace ms {
namespace {

constexpr std::string_view kNpuResources = "huawei.com/";

std::string text_of(const Json* value) {
  if (value == nullptr || value->is_null()) return {};
  return value->is_string() ? value->get<std::string>() : value->dump();
}

// Reads one object; every setting that is taken leaves its place.
class Reader {
 public:
  Reader(const ServingDocument& document, std::string pod) : document_(document), pod_(std::move(pod)) {
    result_ = {{"role", "workload"}, {"file", document.file}, {"places", Json::object()}};
  }

  Json element() {
    text("kind", "kind");
    text("name", "metadata.name");
    text("namespace", "metadata.namespace");
    if (const Json* replicas = take("replicas", "spec.replicas"); replicas && replicas->is_number_integer())
      result_["replicas"] = *replicas;
    texts("annotations", "metadata.annotations");
    texts("node_selector", pod_ + ".nodeSelector");
    if (const Json* flag = take("host_network", pod_ + ".hostNetwork"); flag && flag->is_boolean())
      result_["host_network"] = *flag;
    volumes();
    container(pod_ + ".containers[0]");
    return std::move(result_);
  }

 private:
  const Json* take(const std::string& field, const std::string& path) {
    const Json* value = value_at(document_.tree, path);
    if (value != nullptr) result_["places"][field] = place_in(document_, path);
    return value;
  }

  void text(const std::string& field, const std::string& path) {
    if (const Json* value = take(field, path)) result_[field] = text_of(value);
  }

  void texts(const std::string& field, const std::string& path) {
    result_[field] = Json::object();
    const Json* map = take(field, path);
    if (map == nullptr || !map->is_object()) return;
    for (const auto& [name, value] : map->items()) result_[field][name] = text_of(&value);
  }

  void volumes() {
    result_["volumes"] = Json::array();
    const Json* list = take("volumes", pod_ + ".volumes");
    if (list == nullptr || !list->is_array()) return;
    for (std::size_t i = 0; i < list->size(); ++i) {
      const Json& volume = (*list)[i];
      Json entry{{"name", text_of(value_at(volume, "name"))}};
      if (const Json* path = value_at(volume, "hostPath.path")) entry["host_path"] = text_of(path);
      if (const Json* limit = value_at(volume, "emptyDir.sizeLimit")) {
        result_["shm_limit"] = text_of(limit);
        result_["places"]["shm_limit"] =
            place_in(document_, fmt::format("{}.volumes[{}].emptyDir.sizeLimit", pod_, i));
      }
      result_["volumes"].push_back(std::move(entry));
    }
  }

  void container(const std::string& path) {
    text("image", path + ".image");
    text("memory_limit", path + ".resources.limits.memory");
    npus("npu_request", path + ".resources.requests");
    npus("npu_limit", path + ".resources.limits");
    if (const Json* flag = take("privileged", path + ".securityContext.privileged");
        flag && flag->is_boolean())
      result_["privileged"] = *flag;
    result_["has_liveness"] = value_at(document_.tree, path + ".livenessProbe") != nullptr;
    result_["has_readiness"] = value_at(document_.tree, path + ".readinessProbe") != nullptr;
    environment(path + ".env");
    result_["mounts"] = Json::array();
    const Json* mounts = take("mounts", path + ".volumeMounts");
    if (mounts == nullptr || !mounts->is_array()) return;
    for (const Json& mount : *mounts) {
      result_["mounts"].push_back(
          {{"name", text_of(value_at(mount, "name"))}, {"path", text_of(value_at(mount, "mountPath"))}});
    }
  }

  // Resource names hold dots, so no path leads to them.
  void npus(const std::string& field, const std::string& path) {
    const Json* resources = value_at(document_.tree, path);
    if (resources == nullptr || !resources->is_object()) return;
    for (const auto& [name, count] : resources->items()) {
      if (!name.starts_with(kNpuResources)) continue;
      const auto number = parse_int(text_of(&count));
      if (!number) continue;
      result_["npu_resource"] = name;
      result_[field] = *number;
      result_["places"][field] = place_in(document_, path + "." + name);
    }
  }

  void environment(const std::string& path) {
    result_["env"] = Json::object();
    const Json* list = take("env", path);
    if (list == nullptr || !list->is_array()) return;
    for (std::size_t i = 0; i < list->size(); ++i) {
      const Json& variable = (*list)[i];
      const std::string name = text_of(value_at(variable, "name"));
      if (name.empty()) continue;
      const std::string place = place_in(document_, fmt::format("{}[{}]", path, i));
      result_["places"]["env." + name] = place;
      const Json* value = value_at(variable, "value");
      result_["env"][name] =
          value != nullptr ? Json(text_of(value))
                           : absent_marker(fmt::format("{}: {} is taken from elsewhere", place, name), place);
    }
  }

  const ServingDocument& document_;
  std::string pod_;
  Json result_;
};

}  // namespace

std::optional<Json> workload_element(const ServingDocument& document) {
  constexpr std::array<const char*, 5> kPods = {
      "spec.template.spec", "spec", "spec.jobTemplate.spec.template.spec",
      "spec.replicaSpecs.Master.template.spec", "spec.replicaSpecs.Worker.template.spec"};
  for (const char* pod : kPods) {
    const Json* containers = value_at(document.tree, std::string(pod) + ".containers");
    if (containers != nullptr && containers->is_array() && !containers->empty())
      return Reader(document, pod).element();
  }
  return std::nullopt;
}

}  // namespace ms

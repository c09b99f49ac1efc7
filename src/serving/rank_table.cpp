#include "serving/rank_table.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace ms {
namespace {

// Names and numbers come as text or as numbers.
std::string text_of(const Json& object, std::string_view name) {
  const auto member = object.find(name);
  if (member == object.end() || member->is_null()) return {};
  return member->is_string() ? member->get<std::string>() : member->dump();
}

bool is_address(const std::string& text) {
  in6_addr address{};
  return inet_pton(AF_INET, text.c_str(), &address) == 1 || inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

std::string line_of(const std::string& place) {
  return place.substr(place.rfind(':') + 1);
}

class Reader {
 public:
  explicit Reader(const ServingDocument& document) : document_(document) {}

  Json element() {
    const Json& tree = document_.tree;
    result_ = {{"role", "rank_table"},     {"file", document_.file},   {"places", Json::object()},
               {"servers", Json::array()}, {"devices", Json::array()}, {"bad_addresses", Json::array()}};
    if (!tree.is_object()) return finished();
    for (const char* name : {"version", "status"}) {
      if (tree.contains(name)) result_[name] = text_of(tree, name), place(name, name);
    }
    if (const auto count = parse_int(text_of(tree, "server_count")))
      result_["server_count"] = *count, place("server_count", "server_count");
    servers(tree, "");
    groups(tree);
    vllm_lists(tree);
    return finished();
  }

 private:
  void place(const std::string& field, std::string_view path) {
    result_["places"][field] = place_in(document_, path);
  }

  void servers(const Json& object, const std::string& prefix) {
    const auto list = object.find("server_list");
    if (list == object.end() || !list->is_array()) return;
    result_["places"].emplace("servers", place_in(document_, prefix + "server_list"));
    for (std::size_t i = 0; i < list->size(); ++i)
      server((*list)[i], fmt::format("{}server_list[{}]", prefix, i));
  }

  void groups(const Json& tree) {
    const auto list = tree.find("server_group_list");
    if (list == tree.end() || !list->is_array()) return;
    for (std::size_t i = 0; i < list->size(); ++i) {
      if ((*list)[i].is_object()) servers((*list)[i], fmt::format("server_group_list[{}].", i));
    }
    one_job_ = false;
  }

  void vllm_lists(const Json& tree) {
    for (const char* name : {"prefill_device_list", "decode_device_list"}) {
      const auto list = tree.find(name);
      if (list == tree.end() || !list->is_array()) continue;
      for (std::size_t i = 0; i < list->size(); ++i) {
        const Json& entry = (*list)[i];
        if (!entry.is_object()) continue;
        const std::string path = fmt::format("{}[{}]", name, i);
        add_vllm_server(entry, path);
        device(entry, text_of(entry, "server_id"), path);
      }
      one_job_ = false;
    }
  }

  void add_vllm_server(const Json& entry, const std::string& path) {
    const std::string id = text_of(entry, "server_id");
    for (Json& known : result_["servers"]) {
      if (known["id"] != id) continue;
      known["device_count"] = known["device_count"].get<int>() + 1;
      return;
    }
    result_["servers"].push_back(
        {{"id", id}, {"ip", id}, {"place", place_in(document_, path)}, {"device_count", 1}});
  }

  void server(const Json& entry, const std::string& path) {
    if (!entry.is_object()) return;
    const std::string id = text_of(entry, "server_id");
    std::string ip = text_of(entry, "server_ip");
    for (const char* name : {"host_ip", "container_ip"}) {
      if (ip.empty()) ip = text_of(entry, name);
    }
    if (!ip.empty()) address(ip, path);
    if (ip.empty() && is_address(id)) ip = id;
    const auto devices = entry.find("device");
    const bool has_devices = devices != entry.end() && devices->is_array();
    result_["servers"].push_back({{"id", id},
                                  {"ip", ip},
                                  {"place", place_in(document_, path)},
                                  {"device_count", has_devices ? devices->size() : 0}});
    if (!has_devices) return;
    for (std::size_t i = 0; i < devices->size(); ++i) {
      if ((*devices)[i].is_object()) device((*devices)[i], id, fmt::format("{}.device[{}]", path, i));
    }
  }

  void device(const Json& entry, const std::string& server, const std::string& path) {
    Json device{{"server", server},
                {"id", text_of(entry, "device_id")},
                {"ip", text_of(entry, "device_ip")},
                {"place", place_in(document_, path)}};
    if (const auto rank = parse_int(text_of(entry, "rank_id"))) device["rank"] = *rank;
    const std::string ip = device["ip"];
    if (!ip.empty()) address(ip, path);
    result_["devices"].push_back(std::move(device));
  }

  void address(const std::string& ip, const std::string& path) {
    if (is_address(ip)) return;
    result_["bad_addresses"].push_back(
        fmt::format("'{}' (line {})", sanitize_utf8(ip), line_of(place_in(document_, path))));
  }

  // "10.20.0.30 (lines 12, 40)" for what `key` says of more than one element.
  template <class Key>
  Json repeated(const Json& elements, Key key) const {
    std::map<std::string, std::vector<std::string>> lines;
    for (const Json& element : elements) {
      const std::string name = key(element);
      if (!name.empty()) lines[name].push_back(line_of(element["place"]));
    }
    Json result = Json::array();
    for (const auto& [name, where] : lines) {
      if (where.size() < 2) continue;
      std::string list;
      for (const std::string& line : where) list += (list.empty() ? "" : ", ") + line;
      result.push_back(fmt::format("{} (lines {})", name, list));
    }
    return result;
  }

  Json finished() {
    const Json& devices = result_["devices"];
    const auto rank = [](const Json& d) { return d.contains("rank") ? d["rank"].dump() : std::string(); };
    // A placeholder for "no address of its own" may well be there many times.
    const auto ip = [](const Json& d) {
      const std::string text = d["ip"];
      return text == "0.0.0.0" ? std::string() : text;
    };
    const auto id = [](const Json& d) {
      const std::string text = d["id"];
      return text.empty() ? text : fmt::format("{} of server {}", text, d["server"].get<std::string>());
    };
    result_["duplicate_ranks"] = one_job_ ? repeated(devices, rank) : Json::array();
    result_["duplicate_ips"] = one_job_ ? repeated(devices, ip) : Json::array();
    result_["duplicate_devices"] = one_job_ ? repeated(devices, id) : Json::array();
    result_["duplicate_servers"] =
        one_job_ ? repeated(result_["servers"], [](const Json& s) { return s["id"].get<std::string>(); })
                 : Json::array();
    result_["missing_ranks"] = missing_ranks();
    return std::move(result_);
  }

  // Ranks of a job are 0 to n - 1.
  Json missing_ranks() const {
    Json missing = Json::array();
    if (!one_job_) return missing;
    std::set<std::int64_t> ranks;
    for (const Json& device : result_["devices"]) {
      if (device.contains("rank")) ranks.insert(device["rank"].get<std::int64_t>());
    }
    for (std::int64_t rank = 0; rank < static_cast<std::int64_t>(ranks.size()); ++rank) {
      if (!ranks.contains(rank)) missing.push_back(rank);
    }
    return missing;
  }

  const ServingDocument& document_;
  Json result_;
  bool one_job_ = true;
};

}  // namespace

Json rank_table_element(const ServingDocument& document) {
  return Reader(document).element();
}

}  // namespace ms

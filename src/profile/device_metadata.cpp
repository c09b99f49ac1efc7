#include "base/json.hpp"
#include "base/text.hpp"
#include "profile/device_readers.hpp"
#include "profile/json_descent.hpp"

// Small files beside the records: how the profiler was set, and the environment of the process.
namespace ms::profile {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{16} << 20;

// A member of an object; null where there is none.
Json member_of(const Json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? Json(nullptr) : *found;
}

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : std::string();
}

}  // namespace

void read_profiler_info(Input& input, Run& run, FileReport& report) {
  const Json info = parse_json(read_whole(input.bytes, kMaxBytes, report), report.path);
  Card& card = run.device.card(input.folder);
  card.cann_version = text_of(member_of(info, "cann_version"));
  card.profiler_level =
      text_of(member_of(member_of(member_of(info, "config"), "experimental_config"), "_profiler_level"));
  card.rank = rank_in_name(input.name);
  if (!card.rank) {
    const auto rank = parse_int(text_of(member_of(info, "rank_id")));
    if (rank && *rank >= 0 && *rank < (1 << 30)) card.rank = static_cast<int>(*rank);
  }
  ++report.records;
}

void read_profiler_metadata(Input& input, Run& run, FileReport& report) {
  const Json metadata = parse_json(read_whole(input.bytes, kMaxBytes, report), report.path);
  const Json environment = member_of(metadata, "ENV_VARIABLES");
  for (const auto& [name, value] : environment.items()) {
    if (!text_of(value).empty()) run.device.card(input.folder).settings[name] = text_of(value);
  }
  ++report.records;
}

void read_communication_group(Input& input, Run&, FileReport& report) {
  const Json groups = parse_json(read_whole(input.bytes, kMaxBytes, report), report.path);
  for (const char* kind : {"collective", "p2p"}) {
    report.records += member_of(groups, kind).size();
  }
}

}  // namespace ms::profile

#include "serving/mindie_config.hpp"

#include <fmt/format.h>

#include <array>
#include <variant>

#include "base/closest_match.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "document/json_position.hpp"

namespace ms {
namespace {

enum class Section { server, backend, deploy, model, schedule, cache };

struct SectionPlace {
  Section section;
  std::string_view pointer;
};

// In order of preference; the old layout last.
constexpr std::array kPlaces = {
    SectionPlace{Section::server, "/ServerConfig"},
    SectionPlace{Section::server, "/OtherParam/ServeParam"},
    SectionPlace{Section::backend, "/BackendConfig"},
    SectionPlace{Section::backend, "/ModelDeployParam"},
    SectionPlace{Section::deploy, "/BackendConfig/ModelDeployConfig"},
    SectionPlace{Section::deploy, "/ModelDeployConfig"},
    SectionPlace{Section::deploy, "/ModelDeployParam"},
    SectionPlace{Section::model, "/BackendConfig/ModelDeployConfig/ModelConfig/0"},
    SectionPlace{Section::model, "/ModelDeployConfig/ModelConfig/0"},
    SectionPlace{Section::model, "/ModelDeployParam/ModelParam/0"},
    SectionPlace{Section::schedule, "/BackendConfig/ScheduleConfig"},
    SectionPlace{Section::schedule, "/ScheduleConfig"},
    SectionPlace{Section::schedule, "/ScheduleParam"},
    // The block size moved into the schedule.
    SectionPlace{Section::cache, "/BackendConfig/ScheduleConfig"},
    SectionPlace{Section::cache, "/OtherParam/ResourceParam"},
    SectionPlace{Section::cache, "/ScheduleConfig"},
};

constexpr std::string_view name_of(Section section) {
  constexpr std::array<std::string_view, 6> kNames = {"ServerConfig", "BackendConfig",  "ModelDeployConfig",
                                                      "ModelConfig",  "ScheduleConfig", "ScheduleConfig"};
  return kNames.at(static_cast<std::size_t>(section));
}

using Count = std::optional<std::int64_t> MindieConfig::*;
using Flag = std::optional<bool> MindieConfig::*;
using Text = std::optional<std::string> MindieConfig::*;

struct Field {
  std::string_view name;
  Section section;
  std::variant<Count, Flag, Text> member;
};

constexpr std::array kFields = {
    Field{"modelName", Section::model, &MindieConfig::model_name},
    Field{"modelWeightPath", Section::model, &MindieConfig::model_weight_path},
    Field{"worldSize", Section::model, &MindieConfig::world_size},
    Field{"npuMemSize", Section::model, &MindieConfig::npu_mem_size},
    Field{"cpuMemSize", Section::model, &MindieConfig::cpu_mem_size},
    Field{"tp", Section::model, &MindieConfig::tp},
    Field{"dp", Section::model, &MindieConfig::dp},
    Field{"cp", Section::model, &MindieConfig::cp},
    Field{"sp", Section::model, &MindieConfig::sp},
    Field{"pp", Section::model, &MindieConfig::pp},
    Field{"moe_tp", Section::model, &MindieConfig::moe_tp},
    Field{"moe_ep", Section::model, &MindieConfig::moe_ep},
    Field{"maxSeqLen", Section::deploy, &MindieConfig::max_seq_len},
    Field{"maxInputTokenLen", Section::deploy, &MindieConfig::max_input_token_len},
    Field{"modelInstanceNumber", Section::backend, &MindieConfig::model_instance_number},
    Field{"tokenizerProcessNumber", Section::backend, &MindieConfig::tokenizer_process_number},
    Field{"multiNodesInferEnabled", Section::backend, &MindieConfig::multi_nodes_infer_enabled},
    Field{"maxLinkNum", Section::server, &MindieConfig::max_link_num},
    Field{"templateType", Section::schedule, &MindieConfig::template_type},
    Field{"cacheBlockSize", Section::cache, &MindieConfig::cache_block_size},
    Field{"maxBatchSize", Section::schedule, &MindieConfig::max_batch_size},
    Field{"maxPrefillBatchSize", Section::schedule, &MindieConfig::max_prefill_batch_size},
    Field{"maxPrefillTokens", Section::schedule, &MindieConfig::max_prefill_tokens},
    Field{"maxIterTimes", Section::schedule, &MindieConfig::max_iter_times},
    Field{"maxPreemptCount", Section::schedule, &MindieConfig::max_preempt_count},
    Field{"prefillTimeMsPerReq", Section::schedule, &MindieConfig::prefill_time_ms_per_req},
    Field{"decodeTimeMsPerReq", Section::schedule, &MindieConfig::decode_time_ms_per_req},
    Field{"maxQueueDelayMicroseconds", Section::schedule, &MindieConfig::max_queue_delay_microseconds},
    Field{"maxFirstTokenWaitTime", Section::schedule, &MindieConfig::max_first_token_wait_time},
    Field{"supportSelectBatch", Section::schedule, &MindieConfig::support_select_batch},
};

const OrderedJson* at_pointer(const OrderedJson& document, std::string_view pointer) {
  const OrderedJson::json_pointer path{std::string(pointer)};
  return document.contains(path) ? &document.at(path) : nullptr;
}

std::optional<std::string_view> place_of(const OrderedJson& document, Section section) {
  for (const SectionPlace& place : kPlaces) {
    if (place.section != section) continue;
    const OrderedJson* found = at_pointer(document, place.pointer);
    if (found != nullptr && found->is_object()) return place.pointer;
  }
  return std::nullopt;
}

// The text that is being read, for messages with a line.
struct Input {
  std::string_view text;
  const std::string& source;

  [[noreturn]] void fail(const std::string& pointer, const std::string& expected) const {
    const std::string message = fmt::format("{} must be {}", pointer, expected);
    if (const auto position = json_position(text, pointer)) {
      throw InputError(source, *position, message, caret_excerpt(text, *position));
    }
    throw InputError(source, message);
  }
};

void assign(MindieConfig& config, Count member, const OrderedJson& value, const std::string& pointer,
            const Input& input) {
  if (value.is_string()) {
    // "29": some tools write numbers so, and the engine refuses them.
    const auto number = parse_int(trim(value.get_ref<const std::string&>()));
    if (!number) input.fail(pointer, "a whole number");
    config.*member = *number;
    config.notes.push_back(fmt::format(
        "{} is the string \"{}\": taken for the number, which MindIE may refuse", pointer, *number));
    return;
  }
  const bool fits =
      value.is_number_integer() &&
      !(value.is_number_unsigned() && value.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX));
  if (!fits) input.fail(pointer, "a whole number");
  config.*member = value.get<std::int64_t>();
}

void assign(MindieConfig& config, Flag member, const OrderedJson& value, const std::string& pointer,
            const Input& input) {
  if (!value.is_boolean()) input.fail(pointer, "true or false");
  config.*member = value.get<bool>();
}

void assign(MindieConfig& config, Text member, const OrderedJson& value, const std::string& pointer,
            const Input& input) {
  if (!value.is_string()) input.fail(pointer, "a string");
  config.*member = value.get<std::string>();
}

void read_device_ids(MindieConfig& config, const Input& input) {
  const auto backend = place_of(config.document, Section::backend);
  if (!backend) return;
  const std::string pointer = std::string(*backend) + "/npuDeviceIds";
  const OrderedJson* ids = at_pointer(config.document, pointer);
  if (ids == nullptr || ids->is_null()) return;
  if (!ids->is_array()) input.fail(pointer, "a list of lists of device ids");
  const bool nested = !ids->empty() && ids->front().is_array();
  for (const OrderedJson& id : nested ? ids->front() : *ids) {
    if (!id.is_number_integer() || id.get<std::int64_t>() < 0)
      input.fail(pointer, "a list of lists of device ids");
    config.npu_device_ids.push_back(id.get<std::int64_t>());
  }
}

}  // namespace

std::optional<std::int64_t> MindieConfig::npus() const {
  if (world_size) return world_size;
  if (npu_device_ids.empty()) return std::nullopt;
  return static_cast<std::int64_t>(npu_device_ids.size());
}

MindieConfig read_mindie_config(std::string_view text, const std::string& source) {
  MindieConfig config;
  config.source = source;
  config.text = text;
  config.document = parse_ordered_json(text, source);
  const Input input{text, source};
  if (!place_of(config.document, Section::backend) && !place_of(config.document, Section::deploy) &&
      !place_of(config.document, Section::schedule)) {
    throw InputError(source,
                     "is not a MindIE config.json: it has neither BackendConfig nor ModelDeployParam");
  }
  read_device_ids(config, input);
  for (const Field& field : kFields) {
    const auto place = place_of(config.document, field.section);
    if (!place) continue;
    const std::string pointer = fmt::format("{}/{}", *place, field.name);
    const OrderedJson* value = at_pointer(config.document, pointer);
    if (value == nullptr || value->is_null()) continue;
    std::visit([&](auto member) { assign(config, member, *value, pointer, input); }, field.member);
  }
  return config;
}

std::vector<std::string> mindie_field_names() {
  std::vector<std::string> names;
  for (const Field& field : kFields) names.emplace_back(field.name);
  return names;
}

std::string mindie_pointer(const MindieConfig& config, std::string_view field) {
  for (const Field& known : kFields) {
    if (known.name != field) continue;
    const auto place = place_of(config.document, known.section);
    if (place) return fmt::format("{}/{}", *place, known.name);
    throw InputError(config.source,
                     fmt::format("has no {}, so '{}' has no place", name_of(known.section), field));
  }
  throw InputError(config.source, fmt::format("'{}' is not a setting of MindIE that is known here{}", field,
                                              did_you_mean(closest_match(field, mindie_field_names()))));
}

}  // namespace ms

#include "advise/inputs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "base/units.hpp"
#include "model/directory.hpp"
#include "model/eagle.hpp"
#include "plan/service_inputs.hpp"

namespace ms {
namespace {

// Above this share something runs on the NPU: an idle one holds some 5 %.
constexpr double kBusyRatio = 0.2;
// Idle NPUs of 32 to 112 GiB hold 4 to 6 % in the captures behind knowledge/chips.toml.
constexpr double kIdleRatio = 0.05;

std::optional<std::string> variable(const FactDocument& host, const std::string& name) {
  const Json* value = host.find("env." + name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return value->get<std::string>();
}

std::optional<std::int64_t> int_member(const Json& object, const char* name) {
  const auto member = object.find(name);
  if (member == object.end() || !member->is_number_integer()) return std::nullopt;
  return member->get<std::int64_t>();
}

// The live device with the least free memory among those that the service uses.
struct LiveDevice {
  std::string name;
  std::int64_t total = 0;
  std::int64_t used = 0;
  std::int64_t id = 0;
};

std::optional<LiveDevice> fullest_device(const FactDocument& host, const std::vector<std::int64_t>& ids) {
  const Json* devices = host.find("npu.devices");
  if (devices == nullptr || !devices->is_array()) return std::nullopt;
  std::optional<LiveDevice> fullest;
  std::int64_t position = -1;
  for (const Json& device : *devices) {
    ++position;
    // MindIE counts devices from 0 in the order of npu-smi, whatever ids the cards have.
    if (!ids.empty() && std::find(ids.begin(), ids.end(), position) == ids.end()) continue;
    const auto total = int_member(device, "hbm_total_bytes");
    const auto used = int_member(device, "hbm_used_bytes");
    if (!total || !used || *total <= 0) continue;
    if (fullest && fullest->total - fullest->used <= *total - *used) continue;
    const auto name = device.find("name");
    fullest = LiveDevice{.name = name != device.end() && name->is_string() ? name->get<std::string>() : "",
                         .total = *total,
                         .used = *used,
                         .id = int_member(device, "id").value_or(position)};
  }
  return fullest;
}

class Resolver {
 public:
  Resolver(const AdviseRequest& request, const Knowledge& knowledge, const FactDocument& host)
      : request_(request), knowledge_(knowledge), host_(host) {}

  ResolvedInputs run() {
    PlanInputs plan;
    plan.rule = request_.rule;
    resolve_model(plan);
    resolve_lengths(plan);
    resolve_memory(plan);
    resolve_environment(plan);
    if (result_.missing.empty()) {
      if (request_.service) {
        apply_service(plan, *request_.service);
        const auto& notes = request_.service->notes;
        result_.warnings.insert(result_.warnings.end(), notes.begin(), notes.end());
      }
      if (request_.vllm) {
        apply_vllm(plan, *request_.vllm);
        use_eagle_head(plan, *request_.vllm);
      }
      if (request_.memory_fraction) {
        plan.memory_fraction = {
            .value = *request_.memory_fraction, .source = "--memory-fraction", .assumed = false};
      }
      plan.engine_version = request_.engine_version;
      const std::string source = spread(plan);
      note("tp", plan.parallelism.tp, source);
      if (request_.log) use_log(plan, *request_.log);
      if (plan.parallelism.world_size() > 1) note("world_size", plan.parallelism.world_size(), source);
      result_.plan = std::move(plan);
    }
    return std::move(result_);
  }

 private:
  // Over how many NPUs, and who says so.
  std::string spread(PlanInputs& plan) {
    if (request_.cards && request_.tp) {
      if (*request_.cards % *request_.tp != 0) {
        throw InputError("--cards",
                         fmt::format("{} NPUs are not a multiple of tp {}", *request_.cards, *request_.tp));
      }
      plan.parallelism = Parallelism{.tp = *request_.tp, .dp = *request_.cards / *request_.tp};
      return "--tp, --cards";
    }
    if (request_.tp || request_.cards) {
      plan.parallelism = Parallelism{.tp = request_.tp ? *request_.tp : *request_.cards};
      return request_.tp ? "--tp" : "--cards";
    }
    if (request_.service) return request_.service->source;
    return request_.vllm ? request_.vllm->source : "assumed";
  }

  void use_log(PlanInputs& plan, const EngineLog& log) {
    plan.measured = log.memory;
    note("log", log.source, fmt::format("--log ({})", log.engine.empty() ? "engine not named" : log.engine));
    if (!log.total_bytes || request_.hbm_bytes) return;
    plan.memory.total = *log.total_bytes;
    plan.memory.used = {.value = 0, .source = "part of what the engine keeps", .assumed = false};
  }

  void note(std::string name, Json value, std::string source) {
    result_.inputs.push_back({std::move(name), std::move(value), std::move(source)});
  }

  void use_known_model(PlanInputs& plan, const std::string& name, const std::string& option) {
    const KnownModel& known = find_model(knowledge_.models, name, option);
    plan.spec = read_model_spec(known.config, known.source);
    plan.spec.name = known.name;
    if (known.weights_bytes) {
      plan.weights = {.bytes = *known.weights_bytes, .source = known.weights_source, .measured = true};
    } else {
      plan.weights = weights_from_spec(plan.spec);
    }
    note("model", known.name, fmt::format("{} ({})", option, known.source));
  }

  void use_model_dir(PlanInputs& plan, const std::filesystem::path& directory, const std::string& option) {
    ModelDirectory model = read_model_directory(directory);
    plan.spec = std::move(model.spec);
    if (model.weights) {
      plan.weights = *model.weights;
    } else {
      plan.weights = weights_from_spec(plan.spec);
      result_.warnings.push_back(
          fmt::format("{}; weights counted from the geometry", model.weights.reason()));
    }
    note("model", plan.spec.name, fmt::format("{} ({})", option, plan.spec.source));
  }

  void use_hf_config(PlanInputs& plan) {
    const std::string& file = request_.hf_config;
    plan.spec = read_model_spec(parse_json(read_document(file), file), file);
    if (plan.spec.name.empty())
      plan.spec.name = std::filesystem::path(file).parent_path().filename().string();
    plan.weights = weights_from_spec(plan.spec);
    note("model", plan.spec.name, "--hf-config");
  }

  // The head of a draft model whose directory is at hand takes the place of the assumed one.
  static void use_eagle_head(PlanInputs& plan, const VllmArguments& vllm) {
    if (!plan.spec.eagle || !vllm.speculative_model) return;
    const auto file = std::filesystem::path(*vllm.speculative_model) / "config.json";
    if (!std::filesystem::exists(file)) return;
    plan.spec.eagle =
        read_eagle_head(parse_json(read_document(file), file.string()), plan.spec, file.string());
  }

  // vLLM's model is a directory, or a name as on a hub.
  void use_vllm_model(PlanInputs& plan, const std::string& model) {
    if (std::filesystem::exists(std::filesystem::path(model) / "config.json"))
      return use_model_dir(plan, model, request_.vllm->source);
    use_known_model(plan, model, request_.vllm->source);
  }

  void resolve_model(PlanInputs& plan) {
    if (!request_.hf_config.empty()) return use_hf_config(plan);
    if (!request_.model_dir.empty()) return use_model_dir(plan, request_.model_dir, "--model-dir");
    if (!request_.model.empty()) return use_known_model(plan, request_.model, "--model");
    if (request_.vllm && request_.vllm->model) return use_vllm_model(plan, *request_.vllm->model);
    if (request_.service) {
      const auto& service = *request_.service;
      const std::string path = service.model_weight_path.value_or("");
      if (!path.empty() && std::filesystem::exists(std::filesystem::path(path) / "config.json")) {
        return use_model_dir(plan, path, "modelWeightPath");
      }
      // The config may have come from another machine: its model may still be a known one.
      const std::string folder = std::filesystem::path(path + "/").parent_path().filename().string();
      for (const std::string& name : {service.model_name.value_or(""), folder}) {
        if (name.empty() || !is_known_model(name)) continue;
        result_.warnings.push_back(
            fmt::format("modelWeightPath {}: no config.json there; using what is known of {}", path, name));
        return use_known_model(plan, name, service.source);
      }
      if (!path.empty())
        result_.warnings.push_back(fmt::format("modelWeightPath {}: no config.json there", path));
    }
    result_.missing.push_back({"the model: give --model-dir DIR, --model NAME, or a MindIE config with -s",
                               "模型：请给出 --model-dir DIR、--model NAME，或用 -s 指定 MindIE 配置"});
  }

  bool is_known_model(const std::string& name) const {
    try {
      find_model(knowledge_.models, name, "model");
      return true;
    } catch (const InputError&) {
      return false;
    }
  }

  Length length_of(const Lengths& lengths, const std::string& name, const std::string& source) {
    const Length length{.mean = statistic_of(lengths, request_.statistic),
                        .max = static_cast<std::int64_t>(statistic_of(lengths, Statistic::max))};
    const double whole = std::round(length.mean);
    note(name, whole == length.mean ? Json(static_cast<std::int64_t>(whole)) : Json(length.mean), source);
    if (static_cast<double>(length.max) != length.mean) note(name + "_max", length.max, source);
    return length;
  }

  void resolve_lengths(PlanInputs& plan) {
    plan.workload.requests = request_.requests;
    if (request_.lengths) {
      const RequestLengths& lengths = *request_.lengths;
      plan.workload.input = length_of(inputs_of(lengths), "input_tokens", lengths.source);
      plan.workload.output = length_of(outputs_of(lengths), "output_tokens", lengths.source);
      plan.workload.lengths = lengths;
      result_.warnings.insert(result_.warnings.end(), lengths.notes.begin(), lengths.notes.end());
    } else {
      resolve_stated_lengths(plan);
    }
    if (request_.requests) note("requests", *request_.requests, "--requests");
  }

  void resolve_stated_lengths(PlanInputs& plan) {
    const std::int64_t longest = request_.service ? request_.service->max_iter_times.value_or(0) : 0;
    auto output = request_.output_lengths;
    std::string output_source = "-out";
    if (!output && longest > 0) {
      output = Lengths{{longest, 1}};
      output_source = request_.service->source + ": maxIterTimes";
    }
    if (request_.input_lengths) {
      plan.workload.input = length_of(*request_.input_lengths, "input_tokens", "-in");
    } else {
      result_.missing.push_back({"the input length: give -in N", "输入长度：请给出 -in N"});
    }
    if (output) {
      plan.workload.output = length_of(*output, "output_tokens", output_source);
    } else {
      result_.missing.push_back({"the output length: give -out N", "输出长度：请给出 -out N"});
    }
    if (request_.input_lengths && output) plan.workload.lengths = combine(*request_.input_lengths, *output);
  }

  void resolve_memory(PlanInputs& plan) {
    const auto live = request_.chip.empty() && !request_.hbm_bytes
                          ? fullest_device(host_, request_.service ? request_.service->npu_device_ids
                                                                   : std::vector<std::int64_t>())
                          : std::nullopt;
    if (!request_.chip.empty()) {
      result_.chip = find_chip(knowledge_.chips, request_.chip, "--chip");
      note("chip", result_.chip->id, "--chip");
    } else if (live) {
      if (const Chip* chip = match_device(knowledge_.chips, live->name, live->total)) {
        result_.chip = *chip;
        note("chip", chip->id, "npu-smi info");
      }
    }

    auto& memory = plan.memory;
    if (request_.hbm_bytes) {
      memory.total = {.value = *request_.hbm_bytes, .source = "--hbm", .assumed = false};
    } else if (live) {
      memory.total = {
          .value = live->total, .source = fmt::format("npu-smi info, NPU {}", live->id), .assumed = false};
    } else if (result_.chip) {
      memory.total = {
          .value = result_.chip->hbm_bytes, .source = "chip " + result_.chip->id, .assumed = false};
    } else if (request_.log && request_.log->total_bytes) {
      memory.total = *request_.log->total_bytes;
    } else {
      const Json* devices = host_.find("npu.devices");
      const auto reason = devices != nullptr ? absent_reason(*devices) : std::nullopt;
      const std::string seen = reason ? fmt::format(" ({})", *reason) : "";
      result_.missing.push_back({"the device memory: give --chip NAME or --hbm SIZE" + seen,
                                 "显存大小：请给出 --chip NAME 或 --hbm SIZE" + seen});
      return;
    }
    note("hbm_total_bytes", memory.total.value, memory.total.source);
    resolve_used(memory, live);
    note("hbm_used_bytes", memory.used.value, memory.used.source);
  }

  void resolve_used(DeviceMemory& memory, const std::optional<LiveDevice>& live) {
    const std::int64_t total = memory.total.value;
    if (request_.hbm_used) {
      const auto& used = *request_.hbm_used;
      const std::int64_t bytes =
          used.bytes ? *used.bytes
                     : static_cast<std::int64_t>(std::llround(static_cast<double>(total) * *used.ratio));
      if (bytes > total) {
        throw InputError("--hbm-used", fmt::format("{} are more than the {} of the device",
                                                   format_bytes(bytes), format_bytes(total)));
      }
      memory.used = {.value = bytes, .source = "--hbm-used", .assumed = false};
      return;
    }
    const bool busy = live && static_cast<double>(live->used) > kBusyRatio * static_cast<double>(live->total);
    if (live && !busy) {
      memory.used = {.value = live->used, .source = memory.total.source, .assumed = false};
      return;
    }
    if (busy) {
      result_.warnings.push_back(fmt::format(
          "NPU {} has {} in use: planned as if what runs there were stopped (--hbm-used says otherwise)",
          live->id, format_bytes(live->used)));
    }
    if (result_.chip && result_.chip->idle_hbm_bytes) {
      memory.used = {.value = std::min(*result_.chip->idle_hbm_bytes, total),
                     .source = fmt::format("an idle {}: {}", result_.chip->id, result_.chip->idle_source),
                     .assumed = true};
      return;
    }
    memory.used = {.value = static_cast<std::int64_t>(static_cast<double>(total) * kIdleRatio),
                   .source = "5 % of the device, as idle NPUs hold",
                   .assumed = true};
  }

  // What the launch script sets counts before the environment of this host.
  std::optional<std::string> buffer_size() const {
    if (request_.vllm) {
      for (const auto& [name, value] : request_.vllm->environment) {
        if (name == "HCCL_BUFFSIZE") return value;
      }
    }
    return variable(host_, "HCCL_BUFFSIZE");
  }

  void resolve_environment(PlanInputs& plan) {
    if (request_.memory_fraction) {
      plan.memory_fraction = {
          .value = *request_.memory_fraction, .source = "--memory-fraction", .assumed = false};
    } else if (const auto text = variable(host_, "NPU_MEMORY_FRACTION")) {
      const auto fraction = parse_double(trim(*text));
      if (fraction && *fraction > 0 && *fraction <= 1) {
        plan.memory_fraction = {.value = *fraction, .source = "NPU_MEMORY_FRACTION", .assumed = false};
      } else {
        result_.warnings.push_back(
            fmt::format("NPU_MEMORY_FRACTION is '{}', not a number in (0, 1]: planned with {:g}", *text,
                        plan.memory_fraction.value));
      }
    }
    if (const auto text = buffer_size()) {
      const auto mebibytes = parse_int(trim(*text));
      if (mebibytes && *mebibytes >= 1 && *mebibytes <= std::int64_t{1} << 20) {
        plan.hccl_buffer_bytes = {.value = *mebibytes * kMiB, .source = "HCCL_BUFFSIZE", .assumed = false};
      } else {
        result_.warnings.push_back(fmt::format("HCCL_BUFFSIZE is '{}', not a number of MiB: ignored", *text));
      }
    }
  }

  const AdviseRequest& request_;
  const Knowledge& knowledge_;
  const FactDocument& host_;
  ResolvedInputs result_;
};

}  // namespace

ResolvedInputs resolve_inputs(const AdviseRequest& request, const Knowledge& knowledge,
                              const FactDocument& host) {
  return Resolver(request, knowledge, host).run();
}

}  // namespace ms

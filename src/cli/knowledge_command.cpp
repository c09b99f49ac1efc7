#include "cli/knowledge_command.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <memory>

#include "base/units.hpp"
#include "cli/console.hpp"
#include "knowledge/knowledge.hpp"
#include "model/kv_cache.hpp"
#include "model/parameters.hpp"
#include "model/spec.hpp"
#include "model/weights.hpp"

namespace ms {
namespace {

int list_models() {
  std::string text = fmt::format("{:<36} {:>10} {:>10}  {}\n", "model", "parameters", "weights", "attention");
  for (const KnownModel& model : load_knowledge().models) {
    const ModelSpec spec = read_model_spec(model.config, model.source);
    const double billions = static_cast<double>(count_parameters(spec).total()) / 1e9;
    text += fmt::format("{:<36} {:>8.1f} B {:>10}  {}\n", model.name, billions,
                        model.weights_bytes ? format_bytes(*model.weights_bytes) : "-", attention_name(spec));
  }
  write_stdout(text);
  return 0;
}

int list_chips() {
  std::string text = fmt::format("{:<12} {:<7} {:>10} {:>14} {:>14}\n", "chip", "family", "memory",
                                 "bandwidth GB/s", "BF16 TFLOPS");
  for (const Chip& chip : load_knowledge().chips) {
    const auto scaled = [](const std::optional<double>& value, double unit) {
      return value ? fmt::format("{:.0f}", *value / unit) : std::string("-");
    };
    text +=
        fmt::format("{:<12} {:<7} {:>10} {:>14} {:>14}\n", chip.id, chip.family, format_bytes(chip.hbm_bytes),
                    scaled(chip.hbm_bandwidth, 1e9), scaled(chip.bf16_flops, 1e12));
  }
  write_stdout(text);
  return 0;
}

template <class T>
std::string member(const char* name, const T& value) {
  return fmt::format("{:<22} {}\n", name, value);
}

std::string parameter_lines(const ModelSpec& spec) {
  const Parameters parts = count_parameters(spec);
  const std::array<std::pair<const char*, std::int64_t>, 11> lines = {
      {{"parameters", parts.total()},
       {"  of a token", parts.active},
       {"  embedding", parts.embedding},
       {"  lm_head", parts.lm_head},
       {"  attention", parts.attention + parts.attention_replicated},
       {"  dense MLP", parts.dense_mlp},
       {"  shared experts", parts.shared_experts},
       {"  routed experts", parts.routed_experts},
       {"  router, norms", parts.router + parts.norms},
       {"  encoder", parts.encoder},
       {"  draft layers, beside", parts.draft}}};
  std::string text;
  for (const auto& [name, count] : lines) {
    if (count > 0) text += member(name, format_count(count));
  }
  return text;
}

int show_model(const std::string& name) {
  const Knowledge knowledge = load_knowledge();
  const KnownModel& model = find_model(knowledge.models, name, "models");
  const ModelSpec spec = read_model_spec(model.config, model.source);
  std::string text = member("name", model.name);
  if (!model.aliases.empty()) text += member("also", fmt::format("{}", fmt::join(model.aliases, ", ")));
  text += member("architecture", spec.architecture) + member("attention", attention_name(spec)) +
          member("layers", spec.layers) + member("hidden_size", spec.hidden_size) +
          member("heads / KV heads", fmt::format("{} / {} of {}", spec.heads, spec.kv_heads, spec.head_dim));
  if (spec.experts) {
    text += member("experts", fmt::format("{} of {} a token, in {} layers", spec.experts->per_token,
                                          spec.experts->routed, spec.experts->layers));
  }
  text += parameter_lines(spec);
  const Weights counted = weights_from_spec(spec);
  text +=
      member("weights", model.weights_bytes
                            ? fmt::format("{} ({})", format_bytes(*model.weights_bytes), model.weights_source)
                            : fmt::format("{} ({})", format_bytes(counted.bytes), counted.source));
  const KvOptions options{.element_bytes = default_kv_element_bytes(spec)};
  const KvCache cache = kv_cache(spec, {}, options);
  text += member("KV cache", fmt::format("{} bytes a token: {}",
                                         kv_bytes_per_token_per_rank(spec, {}, options), cache.formula));
  if (spec.max_position_tokens)
    text += member("context", fmt::format("{} tokens", *spec.max_position_tokens));
  for (const std::string& note : spec.notes) text += member("note", note);
  text += member("source", model.source);
  write_stdout(text);
  return 0;
}

int show_chip(const std::string& name) {
  const Knowledge knowledge = load_knowledge();
  const Chip& chip = find_chip(knowledge.chips, name, "chips");
  std::string text = member("id", chip.id) + member("family", chip.family);
  if (!chip.soc.empty()) text += member("SoC", fmt::format("{}", fmt::join(chip.soc, ", ")));
  text += member("in npu-smi", fmt::format("{}", fmt::join(chip.device_names, ", ")));
  text += member("memory", format_bytes(chip.hbm_bytes));
  if (chip.idle_hbm_bytes)
    text += member("  in use when idle",
                   fmt::format("{} ({})", format_bytes(*chip.idle_hbm_bytes), chip.idle_source));
  if (chip.hbm_bandwidth)
    text += member("  bandwidth", fmt::format("{:.3g} TB/s", *chip.hbm_bandwidth / 1e12));
  if (chip.bf16_flops) text += member("BF16", fmt::format("{:.4g} TFLOPS", *chip.bf16_flops / 1e12));
  if (!chip.bf16_flops && chip.fp16_flops)
    text += member("FP16", fmt::format("{:.4g} TFLOPS", *chip.fp16_flops / 1e12));
  if (!chip.pci_device.empty()) text += member("PCI device", "19e5:" + chip.pci_device);
  text += member("dies of a package", chip.dies_per_package);
  for (const std::string& note : chip.notes) text += member("note", note);
  for (const std::string& source : chip.source) text += member("source", source);
  write_stdout(text);
  return 0;
}

}  // namespace

void add_knowledge_commands(CLI::App& app, std::function<int()>& run) {
  const auto add = [&](const char* command, const char* what, int (*list)(),
                       int (*show)(const std::string&)) {
    auto name = std::make_shared<std::string>();
    CLI::App* added = app.add_subcommand(command, what);
    added->add_option("NAME", *name, "Show what is known of this one");
    added->callback([&run, name, list, show] {
      run = [name, list, show] { return name->empty() ? list() : show(*name); };
    });
  };
  add("models", "List the models that --model knows, or show one", list_models, show_model);
  add("chips", "List the NPUs that --chip knows, or show one", list_chips, show_chip);
}

}  // namespace ms

#include "cli/knowledge_command.hpp"

#include <fmt/format.h>

#include "base/units.hpp"
#include "cli/console.hpp"
#include "knowledge/knowledge.hpp"
#include "model/parameters.hpp"
#include "model/spec.hpp"

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

}  // namespace

void add_knowledge_commands(CLI::App& app, std::function<int()>& run) {
  app.add_subcommand("models", "List the models that --model knows")->callback([&run] { run = list_models; });
  app.add_subcommand("chips", "List the NPUs that --chip knows")->callback([&run] { run = list_chips; });
}

}  // namespace ms

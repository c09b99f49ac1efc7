#include "model/quantization.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "base/text.hpp"

namespace ms {
namespace {

struct Format {
  std::string_view prefix;
  double bytes;
};

// Scales: one FP32 per 128 x 128 block for FP8 (0.02 %), two 16-bit numbers per output channel for W8A8 (well
// below 1 %), a 16-bit scale and a 4-bit zero point per 128 for AWQ and GPTQ, one byte per 32 for MXFP4, one
// per 16 for NVFP4.
constexpr std::array kFormats = {
    Format{"w8a8", 1.005},    Format{"w8a16", 1.005}, Format{"w4a16", 0.52},    Format{"w4a8", 0.52},
    Format{"w4a4", 0.52},     Format{"int8", 1.005},  Format{"fp8", 1.0003},    Format{"float8", 1.0003},
    Format{"awq", 0.5195},    Format{"gptq", 0.5195}, Format{"mxfp4", 0.53125}, Format{"nvfp4", 0.5625},
    Format{"mxfp8", 1.03125}, Format{"fp4", 0.53125}, Format{"int4", 0.52},
};

Quantization uniform(std::string method, double bytes) {
  return {.method = std::move(method), .attention_bytes = bytes, .mlp_bytes = bytes, .expert_bytes = bytes};
}

bool mentions(const std::vector<std::string>& patterns, std::string_view word) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return pattern.find(word) != pattern.npos; });
}

// Modules that the quantiser left alone keep two bytes a parameter.
void except(Quantization& quantization, const std::vector<std::string>& kept) {
  if (mentions(kept, "self_attn")) quantization.attention_bytes = 2;
  if (mentions(kept, "shared_expert")) quantization.mlp_bytes = 2;
}

std::optional<double> bytes_of_bits(std::int64_t bits, std::int64_t group) {
  const double scales = group > 0 ? 2.0 / static_cast<double>(group) : 0;
  return static_cast<double>(bits) / 8 + scales;
}

// compressed-tensors and ModelOpt describe groups of modules; the first group speaks for all.
std::optional<double> bytes_of_groups(const ConfigFields& config) {
  const auto groups = config.object({"config_groups"});
  if (!groups) return std::nullopt;
  const auto group = groups->object({"group_0"});
  const auto weights = group ? group->object({"weights"}) : std::nullopt;
  const auto bits = weights ? weights->count({"num_bits"}, 64) : std::nullopt;
  if (!bits) return std::nullopt;
  return bytes_of_bits(*bits, weights->count({"group_size"}, 100'000, -1).value_or(0));
}

bool has_8bit_cache(const ConfigFields& config) {
  for (const std::string_view name : {"kv_cache_scheme", "kv_cache_quant_algo", "kv_quant_type"}) {
    const auto member = config.json().find(name);
    if (member == config.json().end() || member->is_null()) continue;
    if (member->is_object()) return member->value("num_bits", Json(0)) == 8;
    if (!member->is_string()) continue;
    const std::string scheme = to_lower(member->get_ref<const std::string&>());
    if (scheme.find("fp8") != scheme.npos || scheme.find("int8") != scheme.npos || scheme == "c8")
      return true;
  }
  return false;
}

std::optional<Quantization> read_config(const ConfigFields& config, std::vector<std::string>& notes) {
  std::string method = config.string({"quant_algo"}).value_or(config.string({"quant_method"}).value_or(""));
  if (method.empty()) method = config.string({"quantize"}).value_or("");
  std::optional<double> bytes = bytes_of_groups(config);
  if (!bytes && config.has("bits")) {
    bytes = bytes_of_bits(*config.count({"bits"}, 64), config.count({"group_size"}, 100'000, -1).value_or(0));
  }
  if (!bytes) bytes = bytes_per_parameter(method);
  const bool cache = has_8bit_cache(config);
  if (!bytes && !method.empty()) {
    notes.push_back(
        fmt::format("quantisation '{}' is not known: weights are counted as if not quantised", method));
  }
  const auto format_of = [&](std::string_view part) { return config.string({part}).value_or(""); };
  const std::array<std::string, 3> parts = {format_of("attention_format"), format_of("mlp_format"),
                                            format_of("expert_format")};
  const bool described =
      std::any_of(parts.begin(), parts.end(), [](const std::string& p) { return !p.empty(); });
  if (!bytes && !cache && !described) {
    if (method.empty())
      notes.push_back("'quantization_config' names no method: weights are counted as if not quantised");
    return std::nullopt;
  }
  Quantization quantization = uniform(method.empty() ? "quantised" : method, bytes.value_or(2));
  quantization.kv_cache_8bit = cache;
  const std::array<double*, 3> kept = {&quantization.attention_bytes, &quantization.mlp_bytes,
                                       &quantization.expert_bytes};
  for (std::size_t part = 0; part < parts.size(); ++part) {
    // "FLOAT" is what the description calls 16 bits.
    if (!parts.at(part).empty()) *kept.at(part) = bytes_per_parameter(parts.at(part)).value_or(2);
  }
  for (const std::string_view name : {"modules_to_not_convert", "ignore", "exclude_modules"}) {
    if (config.json().contains(name) && config.json()[name].is_array()) {
      if (const auto left = config.strings({name})) except(quantization, *left);
    }
  }
  return quantization;
}

}  // namespace

std::optional<double> bytes_per_parameter(std::string_view format) {
  const std::string lower = to_lower(format);
  for (const Format& known : kFormats) {
    if (lower.starts_with(known.prefix)) return known.bytes;
  }
  return std::nullopt;
}

void read_quantization(const ConfigFields& fields, const ConfigFields& root, ModelSpec& spec) {
  auto config = fields.object({"quantization_config"});
  if (!config) config = root.object({"quantization_config"});
  if (config) spec.quantization = read_config(*config, spec.notes);
  // MindIE's own mark on weights that ModelSlim made.
  if (const auto quantize = root.string({"quantize"}); quantize && !quantize->empty()) {
    const auto bytes = bytes_per_parameter(*quantize);
    if (bytes) {
      const bool cache = spec.quantization && spec.quantization->kv_cache_8bit;
      spec.quantization = uniform(*quantize, *bytes);
      spec.quantization->kv_cache_8bit = cache;
    } else if (to_lower(*quantize) != "float") {
      spec.notes.push_back(
          fmt::format("'quantize' is '{}', which is not known: weights are counted as if not "
                      "quantised",
                      *quantize));
    }
  }
  const auto expert_dtype = fields.string({"expert_dtype"});
  const auto expert_bytes = expert_dtype ? bytes_per_parameter(*expert_dtype) : std::nullopt;
  if (expert_bytes && spec.quantization) spec.quantization->expert_bytes = *expert_bytes;
}

}  // namespace ms

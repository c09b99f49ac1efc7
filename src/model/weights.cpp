#include "model/weights.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/json.hpp"
#include "base/units.hpp"
#include "model/eagle.hpp"
#include "model/parameters.hpp"
#include "model/safetensors.hpp"
#include "model/saturating.hpp"

namespace ms {
namespace {

// The total stands at the start of an index; the list of 90 000 tensors behind it is not needed.
constexpr std::size_t kIndexStartBytes = 4096;

// Finds metadata.total_size and then stops.
class TotalFinder : public nlohmann::json_sax<Json> {
 public:
  std::optional<double> total;
  bool wrong_type = false;
  bool broken = false;

  bool null() override { return scalar(); }
  bool boolean(bool) override { return scalar(); }
  bool string(string_t&) override { return scalar(); }
  bool binary(binary_t&) override { return scalar(); }
  bool number_float(number_float_t value, const string_t&) override { return number(value); }
  bool number_integer(number_integer_t value) override { return number(static_cast<double>(value)); }
  bool number_unsigned(number_unsigned_t value) override { return number(static_cast<double>(value)); }
  bool start_object(std::size_t) override { return open(); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    if (depth_ == 1) in_metadata_ = name == "metadata";
    at_total_ = depth_ == 2 && in_metadata_ && name == "total_size";
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    broken = true;
    return false;
  }

 private:
  bool open() {
    ++depth_;
    return scalar() && depth_ < 64;
  }
  bool close() {
    --depth_;
    return true;
  }
  bool number(double value) {
    if (!at_total_) return true;
    total = value;
    return false;
  }
  bool scalar() {
    wrong_type = wrong_type || at_total_;
    return !at_total_;
  }

  int depth_ = 0;
  bool in_metadata_ = false;
  bool at_total_ = false;
};

std::vector<std::string> names_with(const std::vector<std::string>& names, std::string_view suffix) {
  std::vector<std::string> matching;
  for (const std::string& name : names) {
    if (name.ends_with(suffix)) matching.push_back(name);
  }
  return matching;
}

// model.safetensors.index.json where it is there, else the only other one: quantisers name theirs
// differently.
std::optional<std::string> choose_index(const std::vector<std::string>& names) {
  const std::vector<std::string> indexes = names_with(names, ".index.json");
  std::vector<std::string> others;
  for (const std::string& name : indexes) {
    if (name == "model.safetensors.index.json") return name;
    if (name.find(".bin.") == name.npos) others.push_back(name);
  }
  if (others.size() == 1) return others.front();
  return std::nullopt;
}

Reading<std::int64_t> read_index(const std::filesystem::path& path) {
  const auto start = read_file_start(path, kIndexStartBytes);
  if (!start) return start.absent();
  TotalFinder finder;
  nlohmann::json::sax_parse(start->begin(), start->end(), &finder);
  if (finder.total || finder.wrong_type) return index_total_bytes(*start, path.string());
  return index_total_bytes(read_document(path), path.string());
}

Weights sum_safetensors(const std::filesystem::path& directory, const std::vector<std::string>& files) {
  Weights weights{.bytes = 0, .source = {}, .measured = true};
  for (const std::string& file : files) {
    weights.bytes = saturating_add(weights.bytes, read_safetensors(directory / file).tensor_bytes);
  }
  weights.source = files.size() == 1 ? fmt::format("header of {}", files.front())
                                     : fmt::format("headers of {} *.safetensors files", files.size());
  return weights;
}

// Adapters and optimiser states are not the model.
std::vector<std::string> model_files(const std::vector<std::string>& names, std::string_view suffix) {
  std::vector<std::string> files = names_with(names, suffix);
  std::erase_if(files, [](const std::string& name) {
    return name.starts_with("adapter_") || name.starts_with("optimizer") ||
           name.starts_with("training_args") || name.starts_with("consolidated");
  });
  return files;
}

Reading<Weights> read_bin(const std::filesystem::path& directory, const std::vector<std::string>& names) {
  for (const std::string& name : names_with(names, ".bin.index.json")) {
    const auto total = read_index(directory / name);
    if (total) return Weights{.bytes = *total, .source = name + ": metadata.total_size", .measured = true};
  }
  const std::vector<std::string> files = model_files(names, ".bin");
  if (files.empty()) {
    return Absent{fmt::format("{}: has no *.safetensors or *.bin file", directory.string())};
  }
  Weights weights{
      .bytes = 0, .source = fmt::format("sizes of {} *.bin files", files.size()), .measured = true};
  for (const std::string& name : files) {
    const auto size = ms::file_size(directory / name);
    if (!size) throw InputError((directory / name).string(), "cannot be read");
    weights.bytes = saturating_add(weights.bytes, *size);
  }
  return weights;
}

}  // namespace

Reading<std::int64_t> index_total_bytes(std::string_view text, const std::string& source) {
  TotalFinder finder;
  nlohmann::json::sax_parse(text.begin(), text.end(), &finder);
  if (finder.broken) {
    parse_json(text, source);  // says where
    throw InputError(source, "not valid JSON");
  }
  const bool positive = finder.total && *finder.total >= 1 && *finder.total < 0x1p62;
  if (finder.wrong_type || (finder.total && !positive)) {
    throw InputError(source, "'metadata.total_size' must be a positive whole number");
  }
  if (!finder.total) return Absent{source + ": has no 'metadata.total_size'"};
  return saturating_cast(*finder.total);
}

Reading<Weights> read_weights(const std::filesystem::path& directory) {
  const auto names = list_directory(directory);
  if (!names) return names.absent();
  if (const auto index = choose_index(*names)) {
    const auto total = read_index(directory / *index);
    if (total) return Weights{.bytes = *total, .source = *index + ": metadata.total_size", .measured = true};
  }
  const std::vector<std::string> files = model_files(*names, ".safetensors");
  if (!files.empty()) return sum_safetensors(directory, files);
  return read_bin(directory, *names);
}

Weights weights_from_spec(const ModelSpec& spec) {
  const WeightParts parts = weight_parts(spec);
  const std::string format = spec.quantization ? spec.quantization->method : spec.dtype;
  return {.bytes = saturating_cast(parts.total()),
          .source = fmt::format("counted from the geometry: {} parameters, {}",
                                format_count(count_parameters(spec).total()), format),
          .measured = false};
}

namespace {

// MXFP4 kernels (Marlin) want experts whose hidden size is a multiple of 256 and whose width on a rank is one
// of 128; what is missing is filled up when they are loaded.
double expert_padding(const ModelSpec& spec, const Parallelism& parallelism) {
  if (!spec.experts || !spec.quantization || spec.quantization->method != "mxfp4") return 1;
  const std::int64_t split = parallelism.moe_tp.value_or(parallelism.moe_ep ? 1 : parallelism.tp);
  const std::int64_t width = std::max<std::int64_t>(1, ceil_div(spec.experts->intermediate_size, split));
  const auto grown = [](std::int64_t size, std::int64_t multiple) {
    return static_cast<double>(ceil_div(size, multiple) * multiple) / static_cast<double>(size);
  };
  return grown(width, 128) * grown(spec.hidden_size, 256);
}

// An EAGLE head is no part of the model and none of its files.
double eagle_bytes(const ModelSpec& spec, const Parallelism& parallelism, std::int64_t draft_layers) {
  if (draft_layers == 0) return 0;
  const EagleHead head = spec.eagle ? *spec.eagle : assumed_eagle_head(spec, false);
  return (static_cast<double>(head.split) / static_cast<double>(parallelism.tp) +
          static_cast<double>(head.whole)) *
         head.bytes_per_parameter;
}

std::string eagle_text(double bytes) {
  return bytes > 0 ? fmt::format(", {} of an EAGLE head", format_bytes(saturating_cast(bytes))) : "";
}

}  // namespace

RankWeights weights_per_rank(const ModelSpec& spec, const Weights& weights, const Parallelism& parallelism,
                             std::int64_t draft_layers) {
  const WeightParts parts = weight_parts(spec);
  const auto tp = static_cast<double>(parallelism.tp);
  const auto pp = static_cast<double>(parallelism.pp);
  const auto experts = static_cast<double>(parallelism.expert_ranks());
  const double split = parts.attention + parts.dense_mlp + parts.shared_experts + parts.encoder;
  const double whole = parts.attention_replicated + parts.router + parts.norms;
  // The first stage holds the embedding, the last one lm_head.
  const double vocabulary =
      parallelism.pp > 1 ? std::max(parts.embedding, parts.lm_head) : parts.embedding + parts.lm_head;
  const double routed = parts.routed_experts * expert_padding(spec, parallelism);
  double rank = (split / tp + whole + routed / experts) / pp + vocabulary / tp;
  const bool drafts_itself = parts.draft > 0 && !spec.eagle;
  if (draft_layers > 0 && drafts_itself) rank += parts.draft / experts;
  const double counted = parts.total() + (weights.measured ? parts.draft : 0);
  double scale = counted > 0 ? static_cast<double>(weights.bytes) / counted : 1;
  if (spec.dtype_bytes == 4 && !spec.quantization) scale /= 2;
  RankWeights result;
  const double eagle = eagle_bytes(spec, parallelism, drafts_itself ? 0 : draft_layers);
  if (counted <= 0 || parallelism.world_size() == 1) {
    const double kept = counted > 0 ? rank * scale : static_cast<double>(weights.bytes);
    result.bytes = saturating_cast(std::round(kept + eagle));
    result.formula = fmt::format("{} on one rank{}", format_bytes(weights.bytes), eagle_text(eagle));
    return result;
  }
  result.bytes = saturating_cast(std::round(rank * scale + eagle));
  result.formula = fmt::format("{} split by tp {}",
                               format_bytes(saturating_cast((split + vocabulary) * scale)), parallelism.tp);
  if (spec.experts) {
    result.formula +=
        fmt::format(", {} of experts by {} ranks",
                    format_bytes(saturating_cast(parts.routed_experts * scale)), parallelism.expert_ranks());
  }
  if (parallelism.pp > 1) result.formula += fmt::format(", layers over {} stages", parallelism.pp);
  result.formula +=
      fmt::format(", {} on every rank", format_bytes(saturating_cast(whole * scale))) + eagle_text(eagle);
  return result;
}

}  // namespace ms

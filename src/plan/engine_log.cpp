#include "plan/engine_log.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.hpp"
#include "base/text.hpp"
#include "base/units.hpp"
#include "model/saturating.hpp"

namespace ms {
namespace {

enum class Meaning { weights, kv_memory, kv_tokens, blocks, block_bytes, block_tokens, peak, total };
enum class Unit { gib, bytes, count };

// One number of a line. Engines print GiB under several names: vLLM's "GB" is bytes / 2^30 as well.
struct Phrase {
  const char* pattern;
  Meaning meaning;
  Unit unit;
  const char* engine;
};

constexpr std::array kPhrases = {
    Phrase{R"((?i)model weights take ([\d.]+) ?Gi?B)", Meaning::weights, Unit::gib, "vllm"},
    Phrase{R"((?i)(?:loading model weights|model loading) took ([\d.]+) ?Gi?B)", Meaning::weights, Unit::gib,
           "vllm"},
    Phrase{R"((?i)reserved for KV Cache is (-?[\d.]+) ?Gi?B)", Meaning::kv_memory, Unit::gib, "vllm"},
    Phrase{R"((?i)available KV cache memory: (-?[\d.]+) ?Gi?B)", Meaning::kv_memory, Unit::gib, "vllm"},
    Phrase{R"(Available memory: (\d+), total memory: \d+)", Meaning::kv_memory, Unit::bytes, "vllm-ascend"},
    Phrase{R"(Available memory: \d+, total memory: (\d+))", Meaning::total, Unit::bytes, "vllm-ascend"},
    Phrase{R"(KV cache size: ([\d,]+) tokens)", Meaning::kv_tokens, Unit::count, "vllm"},
    Phrase{R"(# (?:GPU|CUDA|NPU|npu) blocks: (\d+))", Meaning::blocks, Unit::count, "vllm"},
    Phrase{R"(num_npu_blocks: ?(\d+))", Meaning::blocks, Unit::count, "mindie"},
    Phrase{R"(cache_block_bytes: ?(\d+))", Meaning::block_bytes, Unit::count, "mindie"},
    Phrase{R"(\bblock_size: ?(\d+), ?num_heads)", Meaning::block_tokens, Unit::count, "mindie"},
    Phrase{R"(peak mem: ([\d.]+) ?G, total_mem: [\d.]+ ?G)", Meaning::peak, Unit::gib, "mindie"},
    Phrase{R"(peak mem: [\d.]+ ?G, total_mem: ([\d.]+) ?G)", Meaning::total, Unit::gib, "mindie"},
};

const std::array<RE2, kPhrases.size()>& patterns() {
  static const auto kCompiled = []<std::size_t... I>(std::index_sequence<I...>) {
    return std::array<RE2, kPhrases.size()>{RE2(kPhrases[I].pattern)...};
  }
  (std::make_index_sequence<kPhrases.size()>());
  return kCompiled;
}

std::optional<std::int64_t> value_of(std::string text, Unit unit) {
  std::erase(text, ',');
  const auto number = parse_double(text);
  if (!number || std::abs(*number) > 0x1p60) return std::nullopt;
  return std::llround(unit == Unit::gib ? *number * static_cast<double>(kGiB) : *number);
}

using Slot = std::optional<Sourced<std::int64_t>>;

class Reader {
 public:
  explicit Reader(const std::string& source) { log_.source = source; }

  void line(std::string_view text, std::size_t number) {
    // Most lines of a log say nothing of memory.
    if (text.find("mem") == text.npos && text.find("block") == text.npos && text.find("KV") == text.npos &&
        text.find("weights") == text.npos && text.find("loading") == text.npos)
      return;
    if (text.find("vllm_ascend") != text.npos || text.find("npu") != text.npos) on_npu_ = true;
    for (std::size_t i = 0; i < kPhrases.size(); ++i) {
      std::string digits;
      if (!RE2::PartialMatch(text, patterns()[i], &digits)) continue;
      if (const auto value = value_of(digits, kPhrases[i].unit)) take(kPhrases[i], *value, number);
    }
  }

  EngineLog finish() {
    if (log_.engine == "vllm" && on_npu_) log_.engine = "vllm-ascend";
    auto& memory = log_.memory;
    if (memory.blocks && block_bytes_ && !memory.kv_bytes) {
      memory.kv_bytes = memory.blocks;
      memory.kv_bytes->value = saturating_mul(memory.blocks->value, block_bytes_->value);
    }
    if (memory.blocks && block_tokens_ && !memory.kv_tokens) {
      memory.kv_tokens = memory.blocks;
      memory.kv_tokens->value = saturating_mul(memory.blocks->value, block_tokens_->value);
    }
    if (log_.empty() && !memory.peak_bytes) {
      throw InputError(
          log_.source,
          "says nothing of KV blocks, KV memory or weights: is it the start-up log of MindIE or vLLM, at "
          "level INFO (MindIE's block counts: DEBUG)?");
    }
    return std::move(log_);
  }

 private:
  void take(const Phrase& phrase, std::int64_t value, std::size_t number) {
    const bool starts = phrase.meaning == Meaning::weights;
    if (starts && (log_.memory.kv_bytes || log_.memory.kv_tokens || log_.memory.blocks)) {
      // Another start of the engine, whose log was appended.
      const std::string source = log_.source;
      log_ = {};
      log_.source = source;
    }
    log_.engine = phrase.engine;
    Sourced<std::int64_t> found{
        .value = value, .source = fmt::format("{}:{}", log_.source, number), .assumed = false};
    switch (phrase.meaning) {
      case Meaning::weights:
        return keep(log_.memory.weights_bytes, found, true);
      case Meaning::kv_memory:
        return keep(log_.memory.kv_bytes, found, false);
      case Meaning::kv_tokens:
        return keep(log_.memory.kv_tokens, found, false);
      case Meaning::blocks:
        return keep(log_.memory.blocks, found, false);
      case Meaning::block_bytes:
        return keep(block_bytes_, found, true);
      case Meaning::block_tokens:
        return keep(block_tokens_, found, true);
      case Meaning::peak:
        return keep(log_.memory.peak_bytes, found, true);
      case Meaning::total:
        return keep(log_.total_bytes, found, false);
    }
  }

  static void keep(Slot& slot, const Sourced<std::int64_t>& found, bool largest) {
    if (!slot || (largest ? found.value > slot->value : found.value < slot->value)) slot = found;
  }

  EngineLog log_;
  Slot block_bytes_;
  Slot block_tokens_;
  bool on_npu_ = false;
};

}  // namespace

EngineLog read_engine_log(std::string_view text, const std::string& source) {
  Reader reader(source);
  std::size_t number = 0;
  for (const std::string_view line : split_lines(text)) reader.line(line, ++number);
  return reader.finish();
}

}  // namespace ms

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.hpp"
#include "base/json.hpp"
#include "model/kv_cache.hpp"
#include "model/parameters.hpp"
#include "model/spec.hpp"
#include "model/weights.hpp"

// A model's config.json: anything gives a spec or an InputError, and a spec gives sizes that are not
// negative.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const ms::ModelSpec spec = ms::read_model_spec(ms::parse_json(text, "config.json"), "config.json");
    const ms::Parallelism parallelism{.tp = 8, .dp = 2};
    if (ms::count_parameters(spec).total() < 0 || ms::count_parameters(spec).active < 0) __builtin_trap();
    const ms::Weights weights = ms::weights_from_spec(spec);
    if (weights.bytes < 0 || ms::weights_per_rank(spec, weights, parallelism).bytes < 0) __builtin_trap();
    if (ms::kv_bytes_per_token_per_rank(spec, parallelism) < 0) __builtin_trap();
  } catch (const ms::InputError&) {
    return 0;
  }
  return 0;
}

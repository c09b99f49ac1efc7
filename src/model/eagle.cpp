#include "model/eagle.hpp"

#include <algorithm>

#include "model/config_fields.hpp"
#include "model/parameters.hpp"
#include "model/saturating.hpp"

namespace ms {
namespace {

constexpr std::int64_t kMostWidth = 100'000'000;
constexpr std::int64_t kUsualDraftTokens = 32'000;

// `head` is a model of the head's layers alone.
EagleHead count_head(const ModelSpec& head, std::int64_t model_hidden,
                     std::optional<std::int64_t> draft_tokens) {
  const Parameters parameters = count_parameters(head);
  const std::int64_t hidden = head.hidden_size;
  EagleHead result;
  result.split = parameters.total() - parameters.embedding - parameters.lm_head - parameters.norms -
                 parameters.router - parameters.encoder;
  const std::int64_t fc_inputs =
      draft_tokens ? saturating_mul(3, model_hidden) : saturating_add(hidden, model_hidden);
  // EAGLE's layer has no norm before attention. EAGLE-3 has three around its layer, and one behind it.
  const std::int64_t norms = draft_tokens ? 4 : 2 * head.layers - 1;
  result.whole = saturating_add(saturating_mul(fc_inputs, hidden),
                                saturating_add(parameters.router, saturating_mul(norms, hidden)));
  if (draft_tokens) {
    // Attention reads the embedding beside the hidden state.
    const std::int64_t outputs = saturating_mul(head.heads + 2 * head.kv_heads, head.head_dim);
    result.split = saturating_add(result.split, saturating_mul(hidden, outputs, head.layers));
    result.split = saturating_add(result.split, saturating_mul(*draft_tokens, hidden));
  }
  result.bytes_per_parameter = static_cast<double>(std::min<std::int64_t>(2, head.dtype_bytes));
  return result;
}

}  // namespace

EagleHead read_eagle_head(const Json& config, const ModelSpec& model, const std::string& source) {
  const ModelSpec head = read_model_spec(config, source);
  const ConfigFields fields(config, source);
  const std::int64_t model_hidden =
      fields.count({"target_hidden_size"}, kMostWidth).value_or(model.hidden_size);
  auto draft_tokens = fields.count({"draft_vocab_size"}, kMostWidth);
  if (!draft_tokens && head.architecture.find("Eagle3") != std::string::npos) draft_tokens = head.vocab_size;
  EagleHead result = count_head(head, model_hidden, draft_tokens);
  result.source = source;
  return result;
}

EagleHead assumed_eagle_head(const ModelSpec& model, bool eagle3) {
  ModelSpec head;
  head.layers = 1;
  head.hidden_size = model.hidden_size;
  head.heads = model.heads;
  head.kv_heads = model.kv_heads;
  head.head_dim = model.latent ? model.latent->v_head_dim : model.head_dim;
  head.intermediate_size = model.intermediate_size;
  head.attention = {
      {.kind = LayerKind::full, .layers = 1, .kv_heads = head.kv_heads, .head_dim = head.head_dim}};
  EagleHead result =
      count_head(head, model.hidden_size,
                 eagle3 ? std::optional(std::min(model.vocab_size, kUsualDraftTokens)) : std::nullopt);
  result.assumed = true;
  result.source = eagle3 ? "its config is not at hand: a layer like the model's, 32 000 draft tokens"
                         : "its config is not at hand: a layer like the model's";
  return result;
}

}  // namespace ms

#include "profile/batch_items.hpp"

#include <algorithm>
#include <string>

#include "base/text.hpp"
#include "profile/json_cursor.hpp"

namespace ms::profile {
namespace {

void count_item(JsonCursor& json, BatchItems& items) {
  std::optional<double> type;
  std::optional<double> iteration;
  std::optional<double> tokens;
  std::optional<double> computed;
  json.object([&](std::string_view name) {
    if (name == "type") {
      type = json.number_or_text();
    } else if (name == "iter") {
      iteration = json.number_or_text();
    } else if (name == "num_scheduled_tokens" || name == "num_scheduled_tokens=") {
      tokens = json.number_or_text();
    } else if (name == "num_computed_tokens") {
      computed = json.number_or_text();
    } else {
      json.skip();
    }
  });
  items.context_known = computed && *computed >= 0 && (items.requests == 1 || items.context_known);
  if (items.context_known) items.context_tokens += *computed + tokens.value_or(0);
  const auto phase = type ? type : iteration;
  if (!phase) return;
  items.phases_known = true;
  items.tokens_known = items.tokens_known || tokens;
  const bool prefill = *phase == 0;
  (prefill ? items.prefill_requests : items.decode_requests) += 1;
  (prefill ? items.prefill_tokens : items.decode_tokens) += tokens.value_or(0);
}

}  // namespace

bool count_items(std::string_view text, BatchItems& items) {
  thread_local std::string json_text;
  if (text.find('\'') != std::string_view::npos && text.find('"') == std::string_view::npos) {
    json_text.assign(text);
    std::replace(json_text.begin(), json_text.end(), '\'', '"');
    text = json_text;
  }
  JsonCursor json(text);
  if (json.peek() != '[') return false;
  const bool list = json.array([&] {
    items.requests += 1;
    if (json.peek() == '{') {
      count_item(json, items);
    } else {
      items.context_known = false;
      json.skip();
    }
  });
  return list && !json.failed();
}

BatchPhases phases_of(std::string_view batch_type) {
  const std::string lower = to_lower(batch_type);
  const bool mixed = lower.find("mixed") != std::string::npos;
  return {.prefill = mixed || lower.find("prefill") != std::string::npos ||
                     lower.find("extend") != std::string::npos,
          .decode = mixed || lower.find("decode") != std::string::npos};
}

void take_items(Batch& batch, const BatchItems& items, BatchPhases phases) {
  if (items.phases_known) {
    batch.prefill_requests = items.prefill_requests;
    batch.decode_requests = items.decode_requests;
  } else if (phases.prefill != phases.decode) {
    batch.prefill_requests = phases.prefill ? batch.size : 0;
    batch.decode_requests = phases.decode ? batch.size : 0;
  }
  if (items.tokens_known) {
    batch.prefill_tokens = items.prefill_tokens;
    batch.decode_tokens = items.decode_tokens;
  }
  if (items.context_known) batch.context_tokens = items.context_tokens;
}

}  // namespace ms::profile

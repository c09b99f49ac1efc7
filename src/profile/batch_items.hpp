#pragma once

#include <string>
#include <string_view>

#include "profile/run.hpp"

namespace ms::profile {

/// What a batch consists of, counted.
struct BatchItems {
  double requests = 0;
  double prefill_requests = 0;
  double decode_requests = 0;
  double prefill_tokens = 0;
  double decode_tokens = 0;
  double context_tokens = 0;  ///< computed before or in this batch, of all requests together
  bool phases_known = false;  ///< whether items say which phase they are in
  bool tokens_known = false;
  bool context_known = false;  ///< whether all items say how many tokens were computed before
};

/// Counts the items of a batch as the profiler lists them, in JSON or as Python prints lists:
/// `[{'rid': 'r1', 'iter': 0, 'type': 0, 'num_scheduled_tokens': 256}]`. An item is in prefill where its
/// `type` is 0 or, without one, its `iter` is 0. False where the text is no such list.
bool count_items(std::string_view text, BatchItems& items);

/// The phases that a batch type names: "Prefill", "Decode", "Prefill,Decode" and "Prefill, Decode" of mixed
/// ones.
struct BatchPhases {
  bool prefill = false;
  bool decode = false;
};
BatchPhases phases_of(std::string_view batch_type);

/// The phases of one row after the other, whose types are mostly the same.
class PhasesOfRows {
 public:
  BatchPhases of(std::string_view batch_type) {
    if (batch_type != type_) {
      type_ = batch_type;
      phases_ = phases_of(batch_type);
    }
    return phases_;
  }

 private:
  std::string type_;
  BatchPhases phases_ = phases_of("");
};

/// Gives a batch of known size the phases of its items, or of its type where they do not say, and their
/// tokens.
void take_items(Batch& batch, const BatchItems& items, BatchPhases phases);

}  // namespace ms::profile

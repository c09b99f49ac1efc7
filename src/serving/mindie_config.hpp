#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace ms {

/// A MindIE config.json: the settings that advice is about, and the document in its own order. A member that
/// the file does not have is absent, never a default.
///
/// Layouts differ by version: 1.0 before its release candidate 3 has OtherParam, ModelDeployParam and
/// ScheduleParam; later ones have ServerConfig and BackendConfig with ModelDeployConfig and ScheduleConfig in
/// it. pointer() gives the place in this document.
struct MindieConfig {
  std::string source;
  std::string text;  ///< the file as it is written
  OrderedJson document;

  std::vector<std::string> notes;  ///< values that were read with good will

  std::vector<std::int64_t> npu_device_ids;  ///< of the first model instance

  // ModelConfig, the first one
  std::optional<std::string> model_name;
  std::optional<std::string> model_weight_path;
  std::optional<std::int64_t> world_size;
  std::optional<std::int64_t> npu_mem_size;  ///< [GiB]; -1 lets the engine choose
  std::optional<std::int64_t> cpu_mem_size;  ///< [GiB]
  std::optional<std::int64_t> tp, dp, cp, sp, pp, moe_tp, moe_ep;

  // ModelDeployConfig
  std::optional<std::int64_t> max_seq_len;          ///< [tokens]
  std::optional<std::int64_t> max_input_token_len;  ///< [tokens]

  // BackendConfig and ServerConfig
  std::optional<std::int64_t> model_instance_number;
  std::optional<std::int64_t> tokenizer_process_number;
  std::optional<bool> multi_nodes_infer_enabled;
  std::optional<std::int64_t> max_link_num;

  // ScheduleConfig
  std::optional<std::string> template_type;      ///< "Standard", or "Mix" for SplitFuse
  std::optional<std::int64_t> cache_block_size;  ///< [tokens]
  std::optional<std::int64_t> max_batch_size;
  std::optional<std::int64_t> max_prefill_batch_size;
  std::optional<std::int64_t> max_prefill_tokens;
  std::optional<std::int64_t> max_iter_times;  ///< [tokens]
  std::optional<std::int64_t> max_preempt_count;
  std::optional<std::int64_t> prefill_time_ms_per_req;
  std::optional<std::int64_t> decode_time_ms_per_req;
  std::optional<std::int64_t> max_queue_delay_microseconds;
  std::optional<std::int64_t> max_first_token_wait_time;
  std::optional<bool> support_select_batch;

  /// NPUs that one instance runs on: worldSize, else the number of device ids; absent when neither is there.
  std::optional<std::int64_t> npus() const;
};

/// Reads a config.json. Throws InputError with line and column when it is not JSON, or when a setting has a
/// wrong type; and when it is JSON but not a MindIE config.
MindieConfig read_mindie_config(std::string_view text, const std::string& source);

/// The names of all settings as config.json writes them: "maxBatchSize", ...
std::vector<std::string> mindie_field_names();

/// The JSON pointer of a setting in this document, whether it is there or not:
/// "/BackendConfig/ScheduleConfig/maxBatchSize". Throws InputError for a name that is not a setting, with the
/// closest one, and for a document that has no place for it.
std::string mindie_pointer(const MindieConfig& config, std::string_view field);

}  // namespace ms

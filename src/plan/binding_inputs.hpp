#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/reading.hpp"
#include "facts/document.hpp"
#include "plan/binding.hpp"

namespace ms {

/// What a person asks for.
struct BindOptions {
  int instances = 1;
  std::vector<std::int64_t> npus;  ///< N of /dev/davinciN; empty: all that are known
  std::optional<int> cores_per_worker;
};

/// The request and what was found on the way.
struct BindInputs {
  BindRequest request;
  std::vector<Text> assumptions;
  std::vector<Text> warnings;
};

/// The facts that a plan needs.
const std::set<std::string, std::less<>>& binding_facts();

/// The request that the facts of a host and the options make. Absent where the NUMA nodes are not known.
Reading<BindInputs> binding_inputs(const FactDocument& facts, const BindOptions& options);

/// One of the programs that place threads by themselves.
struct Binder {
  std::string name;  ///< "torch_npu", "MindIE", "vLLM-Ascend"
  Text state;        ///< what is set now, in words
  bool active = false;
  std::string turn_off;  ///< the line of a shell that makes room for another way
};

/// Who binds already, as the environment, versions and affinity of the facts tell.
std::vector<Binder> find_binders(const FactDocument& facts);

/// A way to make a plan true. Only one may be used at a time.
struct BindAlternative {
  std::string name;  ///< "taskset", "torch_npu", "vLLM-Ascend", "MindIE"
  bool available = true;
  Text note;                       ///< what it does not do, or why it is not available
  std::vector<std::string> lines;  ///< what to run or export
};

std::vector<BindAlternative> binding_alternatives(const BindPlan& plan, const FactDocument& facts);

enum class BindVerdict { experiment, worthwhile, not_advised };

/// Whether binding promises anything: by the part of the run time in which the NPU waited for the host.
/// [percent] nullopt: not measured.
BindVerdict judge_binding(std::optional<double> free_percent);

}  // namespace ms

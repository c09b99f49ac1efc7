#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "facts/document.hpp"
#include "probe/probe_set.hpp"

namespace ms {

/// The facts of a report, and what a person should know of it.
struct ImportedReport {
  FactDocument facts;
  std::vector<std::string> found;    ///< the parts that the report holds: "lscpu", "npu-smi info", ...
  std::vector<std::string> missing;  ///< the parts that it does not hold
  std::vector<std::string> notes;    ///< "report.md:260: ..."
};

/// Whether a text holds a report of vLLM-Ascend's collect_env.
bool is_collect_env_report(std::string_view text);

/// Makes facts of a report of vLLM-Ascend's collect_env, as it is pasted in issues: plain text, or Markdown
/// around it. Each has the line as its provenance. The table of npu-smi and the version file of CANN are read
/// by the same probes that read them on a host. Every fact that the probes declare and that the report does
/// not hold is absent. collect_env prints some variables only (TORCH*, PYTORCH*, ATB*, ASCEND*,
/// LD_LIBRARY_PATH): of the others, those named in `variables` are absent, and not "not set". Of several
/// reports in one text the first is read. Throws InputError when there is none.
ImportedReport import_collect_env(std::string_view text, const std::string& source, const ProbeSet& probes,
                                  const std::set<std::string, std::less<>>& variables = {});

}  // namespace ms

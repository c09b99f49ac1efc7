#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "plan/binding_inputs.hpp"
#include "report/text_style.hpp"

namespace ms {

/// All that there is to say about core binding on a host.
struct BindReport {
  std::string host;  ///< its name; empty where it is not known
  BindPlan plan;     ///< with `problem` set where there is none
  std::vector<Binder> binders;
  std::vector<BindAlternative> alternatives;
  std::optional<double> free_percent;  ///< --free-time
  BindVerdict verdict = BindVerdict::experiment;
  std::optional<bool> irqbalance_running;  ///< nullopt: not known
};

/// Whether to bind at all first, then the nodes as a picture, who gets what, and the ways to do it.
std::string binding_text(const BindReport& report, const TextStyle& style);

/// The same for a page or an issue.
std::string binding_markdown(const BindReport& report, Lang lang);

/// docs/schema/binding.schema.json.
OrderedJson binding_json(const BindReport& report, Lang lang);

/// A shell script that binds processes and interrupts as planned; it changes nothing unless it is told what.
std::string binding_script(const BindReport& report, Lang lang);

/// The nodes, one character for a core, in lines of at most `width` columns.
std::string binding_picture(const BindPlan& plan, Lang lang, std::size_t width);

}  // namespace ms

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "advise/advisor.hpp"
#include "base/text.hpp"
#include "facts/catalogue.hpp"
#include "report/advice.hpp"

namespace ms {
namespace {

constexpr std::ptrdiff_t kScreenLines = 42;  // of a terminal on a laptop, its prompt and status among them
constexpr std::size_t kReasonColumns = 50;   // beside a setting, its value and its range

AdviseResult advise_on(bool vllm, Target target) {
  static const Knowledge kKnowledge = load_knowledge();
  static const AdviceLibrary kLibrary = load_advice_library(computed_facts());
  AdviseRequest request;
  request.input_lengths = parse_lengths("256", "-in");
  request.output_lengths = parse_lengths("256", "-out");
  request.goals.target = target;
  request.model = "Qwen2.5-72B-Instruct";
  request.chip = "910B4";
  request.cards = 8;
  if (vllm) {
    request.rule = BudgetRule::vllm_ascend;
    request.vllm.emplace();
  }
  return run_advisor(request, kKnowledge, FactDocument(), kLibrary);
}

TEST_CASE("advice fits a screen, with a reason beside every setting") {
  for (const bool vllm : {false, true}) {
    for (const Target target : {Target::balanced, Target::throughput, Target::ttft}) {
      const AdviseResult result = advise_on(vllm, target);
      REQUIRE(result.recommendations.size() >= 5);
      for (const Recommendation& recommendation : result.recommendations) {
        CAPTURE(recommendation.id);
        CHECK(display_width(recommendation.why.en) <= kReasonColumns);
        CHECK(display_width(recommendation.why.zh) <= kReasonColumns);
      }
      for (const Lang lang : {Lang::en, Lang::zh}) {
        const std::string text = advice_text(result, {.lang = lang}, false);
        CHECK(std::count(text.begin(), text.end(), '\n') <= kScreenLines);
      }
    }
  }
}

}  // namespace
}  // namespace ms

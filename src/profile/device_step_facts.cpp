#include "profile/device_facts_parts.hpp"
#include "profile/outlier.hpp"

namespace ms::profile {
namespace {

// Steps of all cards, and of each card where a timeline alone has them.
std::vector<StepTime> steps_of(const Card& card) {
  if (!card.steps.empty() || !card.timeline || card.timeline->overlap.empty()) return card.steps;
  const auto lane = [&](const char* name) {
    const auto found = card.timeline->overlap.find(name);
    return found == card.timeline->overlap.end() ? 0.0 : found->second.seconds;
  };
  StepTime step;
  step.computing = lane("Computing");
  step.communication = lane("Communication");
  step.exposed_communication = lane("Communication(Not Overlapped)");
  step.overlapped = step.communication - step.exposed_communication;
  step.free = lane("Free");
  return {step};
}

// Spread over ranks: (max - min) / mean. The slow card is the one that others wait for: it computes longest
// and communicates shortest.
void balance(DeviceFacts& facts) {
  struct PerRank {
    const Card* card;
    double computing = 0;
    double communication = 0;
    double free = 0;
  };
  std::vector<PerRank> ranks;
  for (const Card& card : facts.cards()) {
    const auto card_steps = steps_of(card);
    if (card_steps.empty()) continue;
    PerRank& rank = ranks.emplace_back(PerRank{&card});
    for (const StepTime& step : card_steps) {
      rank.computing += step.computing;
      rank.communication += step.communication;
      rank.free += step.free;
    }
  }
  if (ranks.size() < 2) {
    facts.absent("balance", "one rank alone was recorded");
    return;
  }
  const auto spread = [&](double PerRank::*value) {
    const auto [low, high] = std::minmax_element(
        ranks.begin(), ranks.end(), [&](const PerRank& a, const PerRank& b) { return a.*value < b.*value; });
    double total = 0;
    for (const PerRank& rank : ranks) total += rank.*value;
    return ratio((*high).*value - (*low).*value, total / static_cast<double>(ranks.size()));
  };
  const auto extreme = [&](auto less) {
    return rank_of(*std::min_element(ranks.begin(), ranks.end(), less)->card);
  };
  std::vector<double> communication;
  for (const PerRank& rank : ranks) communication.push_back(rank.communication);
  const auto outlier = low_outlier(communication);
  facts.set("balance",
            {{"outlier_test", outlier ? outlier->test : std::string_view("none")},
             {"compute_spread", spread(&PerRank::computing)},
             {"communication_spread", spread(&PerRank::communication)},
             {"free_spread", spread(&PerRank::free)},
             {"slow_rank",
              extreme([](const PerRank& a, const PerRank& b) { return a.communication < b.communication; })},
             {"longest_compute_rank",
              extreme([](const PerRank& a, const PerRank& b) { return a.computing > b.computing; })}});
}

}  // namespace

void add_device_step_facts(DeviceFacts& facts) {
  if (!facts.any(
          [](const Card& card) { return !steps_of(card).empty(); },
          {"steps", "compute_share", "exposed_communication_share", "overlap_ratio", "free_share", "balance"},
          "step_trace_time.csv, timeline with overlap analysis or analysis.db")) {
    return;
  }
  StepTime sum;
  Json list = Json::array();
  for (const Card& card : facts.cards()) {
    for (const StepTime& step : steps_of(card)) {
      sum.computing += step.computing;
      sum.communication += step.communication;
      sum.exposed_communication += step.exposed_communication;
      sum.overlapped += step.overlapped;
      sum.free += step.free;
      list.push_back({{"rank", rank_of(card)},
                      {"step", step.step},
                      {"compute_seconds", step.computing},
                      {"communication_seconds", step.communication},
                      {"exposed_communication_seconds", step.exposed_communication},
                      {"overlapped_seconds", step.overlapped},
                      {"free_seconds", step.free},
                      {"bubble_seconds", step.bubble},
                      {"preparing_seconds", step.preparing},
                      {"compute_share", ratio(step.computing, step.total())},
                      {"exposed_communication_share", ratio(step.exposed_communication, step.total())},
                      {"free_share", ratio(step.free, step.total())}});
    }
  }
  facts.set("steps", std::move(list));
  facts.set("compute_share", ratio(sum.computing, sum.total()));
  facts.set("exposed_communication_share", ratio(sum.exposed_communication, sum.total()));
  facts.set("overlap_ratio", ratio(sum.overlapped, sum.communication));
  facts.set("free_share", ratio(sum.free, sum.total()));
  balance(facts);
}

}  // namespace ms::profile

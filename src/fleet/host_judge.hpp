#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "fleet/fleet.hpp"
#include "fleet/record_scan.hpp"
#include "rule/scene.hpp"

namespace ms {

/// What a rule says of a host.
struct RuleVerdict {
  Outcome outcome = Outcome::skip;  ///< the worst of its findings
  std::string actual;               ///< what that finding found
};

/// Judges scanned records by rules. A rule is run anew only where the facts that it reads are not as on a
/// host before: in a fleet most are. Not for several threads at once.
class HostJudge {
 public:
  HostJudge(const FleetOptions& options, RecordScanner& scanner);

  /// The verdicts of the record that was scanned last, by rule; they live until the next call.
  std::vector<const RuleVerdict*> judge(const std::string& file);

 private:
  struct RuleSlots {
    std::vector<std::size_t> read;    ///< what its outcome hangs on
    std::vector<std::string> needed;  ///< the declared facts that it is run on
    std::unordered_map<ValueHash, std::unique_ptr<RuleVerdict>, HashOfValueHash> known;
    RuleVerdict last;  ///< where nothing is kept any more
    bool reads_scene = false;
  };

  std::vector<std::size_t> slots_of(const std::string& path);
  std::vector<std::string> declared_at(const std::string& path) const;
  ValueHash key_of(const std::vector<std::size_t>& slots, const ValueHash& scene) const;
  void add_fact(FactDocument& facts, const std::string& path, const std::string& file) const;
  const Scene& scene_of(const std::string& file);

  const FleetOptions& options_;
  RecordScanner& scanner_;
  std::size_t environment_slot_;
  std::vector<RuleSlots> rules_;
  std::vector<std::size_t> scene_slots_;
  std::vector<std::string> scene_facts_;
  std::unordered_map<ValueHash, Scene, HashOfValueHash> scenes_;
};

}  // namespace ms

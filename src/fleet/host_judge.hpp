#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "fleet/fleet.hpp"
#include "fleet/record_scan.hpp"
#include "rule/scene.hpp"

namespace ms {

/// Judges scanned records by rules. A rule is run anew only where the facts that it reads are not as on a
/// host before: in a fleet most are. Not for several threads at once.
class HostJudge {
 public:
  HostJudge(const FleetOptions& options, RecordScanner& scanner);

  /// What each rule ends in on the record that was scanned last: the worst of its findings.
  std::vector<Outcome> judge(const std::string& file);

  /// What the worst finding of a rule has found there, without secrets.
  std::string actual(std::size_t rule, const std::string& file);

 private:
  struct RuleSlots {
    std::vector<std::size_t> read;    ///< what its outcome hangs on
    std::vector<std::size_t> needed;  ///< the declared facts that it is run on
    bool reads_scene = false;
    std::unordered_map<ValueHash, Outcome, HashOfValueHash> known;
  };

  std::vector<std::size_t> slots_of(const std::string& path);
  std::vector<std::size_t> declared_at(const std::string& path) const;
  ValueHash key_of(const std::vector<std::size_t>& slots, const ValueHash& scene) const;
  FactDocument facts_at(const std::vector<bool>& slots, const std::string& file) const;
  const Scene& scene_of(const std::string& file);

  const FleetOptions& options_;
  RecordScanner& scanner_;
  std::size_t environment_slot_;
  std::vector<std::size_t> declared_;  ///< the slots of the declared facts, in their order
  std::vector<RuleSlots> rules_;
  std::vector<std::size_t> scene_slots_;
  std::vector<bool> scene_facts_;
  std::unordered_map<ValueHash, Scene, HashOfValueHash> scenes_;
};

}  // namespace ms

#include "fleet/fleet_assembly.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <unordered_map>

#include "fleet/compare.hpp"
#include "fleet/value_text.hpp"

namespace ms {
namespace {

// Values of a fact that are told apart; beyond, each host has its own.
constexpr std::size_t kMaxDistinct = 16;

/// A fact's values and the hosts that have them, most hosts first. None has the hosts that lack it.
struct Distribution {
  std::string path;
  std::vector<std::vector<std::uint32_t>> groups;
  std::size_t missing = SIZE_MAX;  ///< which group lacks it
};

/// Puts the parts of all threads together.
class Assembly {
 public:
  Assembly(const std::vector<std::string>& files, const FleetOptions& options, std::vector<FleetPart> parts)
      : files_(files), options_(options), parts_(std::move(parts)) {}

  Fleet run() {
    fleet_.files = files_.size();
    take_rows();
    name_hosts();
    take_problems();
    take_rules();
    take_groups();
    find_facts();
    find_rule_outliers();
    order_outliers();
    fleet_.verdict = verdict();
    return std::move(fleet_);
  }

 private:
  void take_rows() {
    host_of_file_.assign(files_.size(), UINT32_MAX);
    std::vector<const FleetRow*> by_file(files_.size(), nullptr);
    for (const FleetPart& part : parts_) {
      for (const FleetRow& row : part.rows) by_file[row.file] = &row;
    }
    for (std::size_t file = 0; file < files_.size(); ++file) {
      if (by_file[file] == nullptr) continue;
      host_of_file_[file] = static_cast<std::uint32_t>(fleet_.hosts.size());
      fleet_.hosts.push_back({by_file[file]->name, files_[file], by_file[file]->status});
      (by_file[file]->is_record ? fleet_.records : fleet_.reports) += 1;
    }
  }

  // Hosts without a name, or with that of another one, are called by their files.
  void name_hosts() {
    std::unordered_map<std::string, int> seen;
    for (const FleetHost& host : fleet_.hosts) ++seen[host.name];
    for (FleetHost& host : fleet_.hosts) {
      if (host.name.empty()) {
        host.name = host.file;
      } else if (seen[host.name] > 1) {
        host.name = fmt::format("{} ({})", host.name, host.file);
      }
    }
  }

  void take_problems() {
    std::map<std::size_t, std::string> problems;
    for (const FleetPart& part : parts_) problems.insert(part.problems.begin(), part.problems.end());
    for (const auto& [file, reason] : problems) fleet_.problems.push_back({files_[file], reason});
  }

  void take_rules() {
    std::map<std::string, std::size_t> index;
    std::vector<std::map<Outcome, std::size_t>> first;
    for (const FleetPart& part : parts_) {
      for (const FleetColumn& column : part.columns) {
        const auto [at, is_new] = index.emplace(column.id, fleet_.rules.size());
        if (is_new) {
          fleet_.rules.push_back({column.id, column.severity, column.title, {}, {}});
          first.emplace_back();
        }
        FleetRule& rule = fleet_.rules[at->second];
        for (const auto& [outcome, sample] : column.samples) {
          const auto before = first[at->second].find(outcome);
          if (before != first[at->second].end() && before->second < sample.file) continue;
          first[at->second][outcome] = sample.file;
          rule.found[outcome] = sample.actual;
        }
      }
    }
    columns_.clear();
    for (const FleetPart& part : parts_) {
      std::vector<std::size_t> columns;
      for (const FleetColumn& column : part.columns) columns.push_back(index[column.id]);
      columns_.push_back(std::move(columns));
    }
  }

  void take_groups() {
    std::map<std::pair<int, std::vector<std::optional<Outcome>>>, std::vector<std::uint32_t>> groups;
    for (std::size_t p = 0; p < parts_.size(); ++p) {
      // Hosts with the same letters are alike: the columns are sorted out once.
      std::map<std::pair<int, std::string>, std::vector<std::uint32_t>> alike;
      for (const FleetRow& row : parts_[p].rows)
        alike[{row.status, row.outcomes}].push_back(host_of_file_[row.file]);
      for (const auto& [key, hosts] : alike) {
        std::vector<std::optional<Outcome>> outcomes(fleet_.rules.size());
        for (std::size_t i = 0; i < key.second.size(); ++i) {
          if (key.second[i] != kNoOutcome)
            outcomes[columns_[p][i]] = static_cast<Outcome>(key.second[i] - 'a');
        }
        auto& all = groups[{key.first, std::move(outcomes)}];
        all.insert(all.end(), hosts.begin(), hosts.end());
      }
    }
    for (auto& [key, hosts] : groups) {
      std::sort(hosts.begin(), hosts.end());
      for (std::size_t i = 0; i < key.second.size(); ++i) {
        if (key.second[i]) fleet_.rules[i].counts[*key.second[i]] += hosts.size();
      }
      fleet_.groups.push_back({key.first, std::move(hosts), key.second});
    }
    std::sort(fleet_.groups.begin(), fleet_.groups.end(), [](const FleetGroup& a, const FleetGroup& b) {
      return a.hosts.size() != b.hosts.size() ? a.hosts.size() < b.hosts.size() : a.hosts < b.hosts;
    });
  }

  std::vector<Distribution> distributions() {
    std::vector<std::uint32_t> records;
    for (const FleetPart& part : parts_) {
      for (const FleetRow& row : part.rows) {
        if (row.is_record) records.push_back(host_of_file_[row.file]);
      }
    }
    std::sort(records.begin(), records.end());
    std::map<std::string, FilesByValue> all;
    for (FleetPart& part : parts_) {
      for (auto& [path, counts] : part.facts) {
        for (auto& [hash, found] : counts) {
          auto& together = all[path][hash];
          together.insert(together.end(), found.begin(), found.end());
        }
      }
      part.facts.clear();
    }
    if (!records.empty()) {
      for (const std::string& path : options_.shown_facts) all.try_emplace(path);
    }
    std::vector<Distribution> result;
    for (auto& [path, counts] : all) {
      Distribution distribution{path, {}, SIZE_MAX};
      std::vector<std::uint32_t> have;
      for (auto& [hash, found] : counts) {
        std::vector<std::uint32_t> hosts;
        for (const std::size_t file : found) hosts.push_back(host_of_file_[file]);
        std::sort(hosts.begin(), hosts.end());
        have.insert(have.end(), hosts.begin(), hosts.end());
        distribution.groups.push_back(std::move(hosts));
      }
      std::vector<std::uint32_t> lacking;
      if (have.size() < records.size()) {
        std::sort(have.begin(), have.end());
        std::set_difference(records.begin(), records.end(), have.begin(), have.end(),
                            std::back_inserter(lacking));
        distribution.groups.push_back(lacking);
      }
      if (distribution.groups.size() < 2 && !is_asked(options_, path)) continue;
      std::sort(distribution.groups.begin(), distribution.groups.end(), [](const auto& a, const auto& b) {
        return a.size() != b.size() ? a.size() > b.size() : a < b;
      });
      for (std::size_t i = 0; i < distribution.groups.size(); ++i) {
        if (!lacking.empty() && distribution.groups[i] == lacking) distribution.missing = i;
      }
      result.push_back(std::move(distribution));
    }
    return result;
  }

  static std::size_t shown_groups(const Distribution& distribution) {
    return std::min(distribution.groups.size(), kMaxDistinct);
  }

  // Values are looked up in the record of the first host of each: few records, read one after the other.
  std::map<std::pair<std::uint32_t, std::string>, Json> values_of(
      const std::vector<Distribution>& distributions) {
    std::map<std::uint32_t, std::set<std::string>> wanted;
    for (const Distribution& distribution : distributions) {
      for (std::size_t i = 0; i < shown_groups(distribution); ++i) {
        if (i != distribution.missing) wanted[distribution.groups[i].front()].insert(distribution.path);
      }
    }
    std::map<std::pair<std::uint32_t, std::string>, Json> values;
    for (const auto& [host, paths] : wanted) {
      const FactDocument facts = options_.read_record(fleet_.hosts[host].file);
      for (const std::string& path : paths) {
        if (const Json* value = facts.find(path)) values.emplace(std::pair(host, path), *value);
      }
    }
    return values;
  }

  void find_facts() {
    const std::vector<RuleInputs> readers = inputs_of(options_.library.rules);
    const std::vector<Distribution> all = distributions();
    const auto values = values_of(all);
    for (const Distribution& distribution : all) {
      const auto value_at = [&](std::size_t group) -> const Json* {
        if (group == distribution.missing) return nullptr;
        const auto found = values.find({distribution.groups[group].front(), distribution.path});
        return found == values.end() ? nullptr : &found->second;
      };
      FleetFact fact{
          .path = distribution.path,
          .is_read = std::any_of(readers.begin(), readers.end(),
                                 [&](const RuleInputs& rule) { return reads(rule, distribution.path); }),
          .distinct = distribution.groups.size(),
          .values = {}};
      fact.values.push_back({text_of(fact.path, value_at(0)), distribution.groups[0]});
      for (std::size_t i = 1; i < shown_groups(distribution); ++i) {
        add_value(fact, value_at(0), value_at(i), distribution.groups[i], distribution.groups.size());
      }
      if (fact.values.size() > 1 || is_asked(options_, fact.path)) fleet_.facts.push_back(std::move(fact));
    }
  }

  static std::string text_of(const std::string& path, const Json* value) {
    if (value == nullptr) return path.starts_with("env.") ? "not set" : "not recorded";
    if (const auto reason = absent_reason(*value)) return "unknown: " + shortened(*reason, 100);
    return value_text(path, *value);
  }

  // Hosts with another value than most; where it is within the tolerance it is the same after all.
  void add_value(FleetFact& fact, const Json* most, const Json* here, const std::vector<std::uint32_t>& hosts,
                 std::size_t groups) {
    std::vector<Difference> differences = find_differences({most, here}, fact.path, options_.table);
    if (!is_asked(options_, fact.path)) {
      std::erase_if(differences, [](const Difference& difference) { return difference.expected != nullptr; });
    }
    if (differences.empty()) {
      auto& together = fact.values.front().hosts;
      together.insert(together.end(), hosts.begin(), hosts.end());
      std::sort(together.begin(), together.end());
      --fact.distinct;
      return;
    }
    const bool is_whole = differences.size() == 1 && differences.front().path() == fact.path;
    std::string text = is_whole ? text_of(fact.path, here) : "";
    std::vector<FleetOutlier::Item> items;
    for (const Difference& difference : differences) {
      const auto text_at = [&](std::size_t host) {
        for (const SharedValue& shared : difference.values) {
          if (shared.hosts.front() != host) continue;
          if (shared.value != nullptr) return value_text(difference.pattern, *shared.value);
          if (shared.reason) return "unknown: " + shortened(*shared.reason, 100);
        }
        return text_of(fact.path, nullptr);
      };
      if (!is_whole && items.size() < 3) {
        text += fmt::format("{}{} {}", text.empty() ? "" : "; ", difference.path().substr(fact.path.size()),
                            text_at(1));
      }
      items.push_back({difference.path(), text_at(1), text_at(0), false});
    }
    if (!is_whole && differences.size() > 3) text += fmt::format("; +{}", differences.size() - 3);
    fact.values.push_back({shortened(std::move(text), 200), hosts});
    if (groups > kMaxDistinct || !is_outlier(hosts)) return;
    FleetOutlier& outlier = outliers_[hosts];
    outlier.weight = std::min(outlier.weight, fact.is_read ? 1 : 2);
    outlier.items.insert(outlier.items.end(), items.begin(), items.end());
  }

  // Few enough to be worth a look one by one.
  bool is_outlier(const std::vector<std::uint32_t>& hosts) const {
    return hosts.size() <= std::max<std::size_t>(1, fleet_.hosts.size() / 10);
  }

  void find_rule_outliers() {
    for (std::size_t i = 0; i < fleet_.rules.size(); ++i) {
      std::map<std::optional<Outcome>, std::vector<std::uint32_t>> by_outcome;
      for (const FleetGroup& group : fleet_.groups) {
        auto& hosts = by_outcome[group.outcomes[i]];
        hosts.insert(hosts.end(), group.hosts.begin(), group.hosts.end());
      }
      const auto most =
          std::max_element(by_outcome.begin(), by_outcome.end(),
                           [](const auto& a, const auto& b) { return a.second.size() < b.second.size(); });
      for (auto& [outcome, hosts] : by_outcome) {
        std::sort(hosts.begin(), hosts.end());
        if (outcome == most->first || !outcome || !most->first || !is_outlier(hosts)) continue;
        FleetOutlier& outlier = outliers_[hosts];
        outlier.weight = 0;
        outlier.items.push_back(
            {fleet_.rules[i].id, std::string(name_of(*outcome)), std::string(name_of(*most->first)), true});
      }
    }
  }

  void order_outliers() {
    for (auto& [hosts, outlier] : outliers_) {
      outlier.hosts = hosts;
      // What a rule says first, then the facts.
      std::stable_sort(outlier.items.begin(), outlier.items.end(),
                       [](const auto& a, const auto& b) { return a.is_rule > b.is_rule; });
      fleet_.outliers.push_back(std::move(outlier));
    }
    std::sort(fleet_.outliers.begin(), fleet_.outliers.end(),
              [](const FleetOutlier& a, const FleetOutlier& b) {
                if (a.weight != b.weight) return a.weight < b.weight;
                if (a.hosts.size() != b.hosts.size()) return a.hosts.size() < b.hosts.size();
                return a.hosts < b.hosts;
              });
  }

  // As in precheck: what failed wins over what is not known, and only what passed counts as passed.
  Verdict verdict() const {
    const std::size_t failed = fleet_.count(ExitStatus::failed);
    const std::size_t undecided = fleet_.count(ExitStatus::undecided);
    const std::size_t hosts = fleet_.hosts.size();
    if (failed > 0) {
      return {ExitStatus::failed,
              {fmt::format("{} of {} hosts failed", failed, hosts),
               fmt::format("{1} 台主机中 {0} 台未通过", failed, hosts)}};
    }
    if (!fleet_.problems.empty()) {
      return {ExitStatus::undecided,
              {fmt::format("{} of {} files could not be judged", fleet_.problems.size(), fleet_.files),
               fmt::format("{1} 个文件中 {0} 个无法判定", fleet_.problems.size(), fleet_.files)}};
    }
    if (undecided > 0 || hosts == 0) {
      return {ExitStatus::undecided,
              {fmt::format("{} of {} hosts could not be decided", undecided, hosts),
               fmt::format("{1} 台主机中 {0} 台无法判定", undecided, hosts)}};
    }
    return {ExitStatus::ok,
            {fmt::format("all {} hosts pass", hosts), fmt::format("全部 {} 台主机通过", hosts)}};
  }

  const std::vector<std::string>& files_;
  const FleetOptions& options_;
  std::vector<FleetPart> parts_;
  std::vector<std::uint32_t> host_of_file_;
  std::vector<std::vector<std::size_t>> columns_;
  std::map<std::vector<std::uint32_t>, FleetOutlier> outliers_;
  Fleet fleet_;
};

}  // namespace

Fleet assemble_fleet(const std::vector<std::string>& files, const FleetOptions& options,
                     std::vector<FleetPart> parts) {
  return Assembly(files, options, std::move(parts)).run();
}

}  // namespace ms

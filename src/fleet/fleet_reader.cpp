#include "fleet/fleet_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "base/error.hpp"
#include "base/file.hpp"
#include "facts/redact.hpp"
#include "fleet/host_judge.hpp"

namespace ms {
namespace {

std::size_t column_of(FleetPart& part, std::unordered_map<std::string, std::size_t>& index,
                      const std::string& id) {
  const auto [at, is_new] = index.emplace(id, part.columns.size());
  if (is_new) part.columns.push_back({.id = id, .severity = {}, .title = {}, .samples = {}});
  return at->second;
}

/// Reads files in one thread.
class Reader {
 public:
  explicit Reader(const FleetOptions& options)
      : options_(options), scanner_(options.facts, options.table), judge_(options, scanner_) {
    for (const Rule& rule : options.library.rules) {
      FleetColumn& column = part_.columns[column_of(part_, index_, rule.id)];
      column.severity = name_of(rule.severity);
      column.title = rule.title;
    }
  }

  void read(std::size_t index, const std::string& file) {
    try {
      const std::string text = read_document(file);
      ScannedFile scanned = scanner_.scan(text, file);
      if (scanned.kind == ScannedFile::Kind::report) {
        take_report(index, std::move(scanned));
      } else {
        take_record(index, file);
      }
    } catch (const InputError& error) {
      part_.problems.emplace_back(index, error.position()
                                             ? fmt::format("{}:{}: {}", error.position()->line,
                                                           error.position()->column, error.message())
                                             : error.message());
    } catch (const std::exception& error) {
      part_.problems.emplace_back(index, error.what());
    }
  }

  FleetPart take() {
    for (std::size_t slot = 0; slot < counts_.size(); ++slot) {
      if (!counts_[slot].empty()) part_.facts.emplace(scanner_.path_of(slot), std::move(counts_[slot]));
    }
    return std::move(part_);
  }

 private:
  void note(FleetColumn& column, Outcome outcome, std::size_t file, const std::string& actual) {
    column.samples.try_emplace(outcome, FleetSample{file, actual});
  }

  void take_report(std::size_t index, ScannedFile scanned) {
    FleetRow row{.file = index,
                 .name = std::move(scanned.host),
                 .status = *scanned.status,
                 .is_record = false,
                 .outcomes = std::string(part_.columns.size(), kNoOutcome)};
    for (ScannedFinding& finding : scanned.findings) {
      const std::size_t at = column_of(part_, index_, finding.rule);
      if (row.outcomes.size() <= at) row.outcomes.resize(at + 1, kNoOutcome);
      FleetColumn& column = part_.columns[at];
      if (column.severity.empty()) {
        column.severity = std::move(finding.severity);
        column.title = {finding.title, finding.title};
      }
      const char letter = static_cast<char>('a' + static_cast<int>(finding.outcome));
      if (letter >= row.outcomes[at]) continue;
      row.outcomes[at] = letter;
      if (!column.samples.contains(finding.outcome)) {
        note(column, finding.outcome, index, redact_text(finding.actual));
      }
    }
    part_.rows.push_back(std::move(row));
  }

  void take_record(std::size_t index, const std::string& file) {
    FleetRow row{.file = index, .name = host_name(file), .status = 0, .is_record = true, .outcomes = {}};
    const std::vector<Outcome> outcomes = judge_.judge(file);
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      row.outcomes += static_cast<char>('a' + static_cast<int>(outcomes[i]));
      // A thread takes its files in order: the first host of an outcome is the one that is told of.
      if (!part_.columns[i].samples.contains(outcomes[i])) {
        note(part_.columns[i], outcomes[i], index, judge_.actual(i, file));
      }
    }
    row.status = status_of(row.outcomes);
    part_.rows.push_back(std::move(row));
    counts_.resize(scanner_.slot_count());
    for (std::size_t slot = 0; slot < counts_.size(); ++slot) {
      const ScannedFact& fact = scanner_.fact(slot);
      // Variables are counted each for itself.
      if (!fact.present || scanner_.path_of(slot) == "env") continue;
      const bool expected = scanner_.is_expected(slot);
      if (expected && !is_asked(options_, scanner_.path_of(slot))) continue;
      counts_[slot][expected ? fact.full : fact.lasting].push_back(index);
    }
  }

  std::string host_name(const std::string& file) {
    const ScannedFact& fact = scanner_.fact(scanner_.slot("host.name"));
    const auto colon = fact.text.find(':');
    if (!fact.present || fact.absent || colon == fact.text.npos) return {};
    const Json name = parse_json(fact.text.substr(colon + 1), file);
    return name.is_string() ? name.get<std::string>() : "";
  }

  // The status hangs on the worst finding of each rule alone, so one function decides it here as in precheck.
  int status_of(const std::string& outcomes) {
    const auto known = statuses_.find(outcomes);
    if (known != statuses_.end()) return known->second;
    std::vector<Finding> findings;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      Finding finding;
      finding.outcome = static_cast<Outcome>(outcomes[i] - 'a');
      finding.severity = options_.library.rules[i].severity;
      findings.push_back(std::move(finding));
    }
    const int status = static_cast<int>(decide(findings, options_.fail_on, options_.allow_unknown).status);
    statuses_.emplace(outcomes, status);
    return status;
  }

  const FleetOptions& options_;
  RecordScanner scanner_;
  HostJudge judge_;
  FleetPart part_;
  std::unordered_map<std::string, std::size_t> index_;
  std::unordered_map<std::string, int> statuses_;
  std::vector<FilesByValue> counts_;
};

}  // namespace

bool is_asked(const FleetOptions& options, const std::string& path) {
  return std::find(options.shown_facts.begin(), options.shown_facts.end(), path) != options.shown_facts.end();
}

std::vector<FleetPart> read_fleet_parts(const std::vector<std::string>& files, const FleetOptions& options) {
  const std::size_t threads =
      std::clamp<std::size_t>(options.threads, 1, std::max<std::size_t>(1, files.size() / 16));
  std::vector<FleetPart> parts(threads);
  std::atomic<std::size_t> next = 0;
  const auto work = [&](std::size_t thread) {
    Reader reader(options);
    for (std::size_t index = next++; index < files.size(); index = next++) reader.read(index, files[index]);
    parts[thread] = reader.take();
  };
  std::vector<std::thread> others;
  for (std::size_t thread = 1; thread < threads; ++thread) others.emplace_back(work, thread);
  work(0);
  for (std::thread& other : others) other.join();
  return parts;
}

}  // namespace ms

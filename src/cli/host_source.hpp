#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "facts/catalogue.hpp"
#include "facts/document.hpp"
#include "probe/probe_set.hpp"
#include "probe/readings.hpp"

namespace ms {

/// Which serving configs are judged beside the host, as the arguments say. Empty: not given.
struct ConfigArguments {
  std::string mindie;                    ///< --mies-config-path
  std::string user_config;               ///< --user-config-path
  std::string mindie_env;                ///< --mindie-env-path
  std::string parent_dir;                ///< --config-parent-dir: conf/ and deployment/ of a PD deployment
  std::vector<std::string> manifests;    ///< --manifest
  std::vector<std::string> rank_tables;  ///< --rank-table-path
  std::vector<std::string> weights;      ///< --weight-dir
  std::string vllm_command;              ///< --vllm-command: the words, or @FILE
  std::string vllm_config;               ///< --vllm-config
  bool none = false;                     ///< look for no configs at all

  /// Whether none is named, so that those of the installation count.
  bool is_default() const {
    return !none && mindie.empty() && user_config.empty() && mindie_env.empty() && parent_dir.empty() &&
           manifests.empty() && rank_tables.empty() && weights.empty() && vllm_command.empty() &&
           vllm_config.empty();
  }
};

/// Which host a command looks at, as its arguments say.
struct HostArguments {
  std::string root;     ///< --root: a directory that stands for "/"
  std::string facts;    ///< --facts: a saved fact document, or "example:NAME"
  bool reread = false;  ///< --reread: with --facts, run the probes again over what the record holds
  std::string probes;   ///< --probes: a folder of declarations beside the built-in ones
  std::optional<std::int64_t> pid;  ///< --pid: the process whose environment counts
  std::string service;              ///< --service: the same by the name of a service
  std::string env_file;             ///< --env-file: a file that holds the environment
  std::string container;            ///< --container: which one of a manifest in that file
  ConfigArguments configs;
  bool no_exec = false;
  bool network = false;                 ///< --network: ping hosts and NPUs along the rank table
  double network_timeout_seconds = 60;  ///< --network-timeout: how long all of that may take
  double probe_timeout_seconds = 5;
  double run_timeout_seconds = 15;
};

/// The built-in declarations and those of --probes. Throws InputError.
ProbeSet probes_of(const HostArguments& arguments);

/// Reads the facts that are needed (all of them where `needed` is not set) of the host that the arguments
/// name. Every declared and needed fact is there afterwards, as a value or as absent with a reason; secrets
/// are redacted. The facts of configs are those of the arguments, else of what the host serves with: MindIE's
/// config.json where it is installed, the rank table that its variables name. With --pid, --service or
/// --env-file the fact `env` comes from there, all others from the host; what a person should know of the
/// choice goes to standard error. Where `readings` is given, all that the probes read is kept in it. Throws
/// InputError when the arguments contradict each other, or what they name cannot be read.
FactDocument read_host(const HostArguments& arguments, const ProbeSet& probes,
                       const std::optional<std::set<std::string, std::less<>>>& needed,
                       Readings* readings = nullptr);

/// Adds what is needed and not yet known to the facts of read_host: those of the same arguments. Saved facts
/// hold all that they can.
void read_more(FactDocument& facts, const HostArguments& arguments, const ProbeSet& probes,
               const std::set<std::string, std::less<>>& needed);

/// Reads what is needed anew, in the place of what is known of it. The environment of a process or of a file
/// (--pid, --service, --env-file) stays as it is.
void read_again(FactDocument& facts, const HostArguments& arguments, const ProbeSet& probes,
                const std::set<std::string, std::less<>>& needed);

/// What a record of an earlier version says of configs, of the network and of stress: that nothing was asked
/// for.
FactDocument facts_not_asked_for();

/// The facts that the probes declare, and those of configs and of the network.
std::vector<FactSpec> facts_of(const ProbeSet& probes);

/// The examples of a kind that are compiled in, as find_example takes them: "example:NAME".
std::vector<std::string> example_references(std::string_view kind);

/// The text of a file that is compiled in, of the kind ("hosts", "mindie") and name that `reference`
/// ("example:NAME") asks for; nullopt when it does not start with "example:". Throws InputError with the
/// closest name for one that is not there.
std::optional<std::string_view> find_example(std::string_view reference, std::string_view kind,
                                             const std::string& option);

}  // namespace ms

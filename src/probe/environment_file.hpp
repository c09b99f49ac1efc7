#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/reading.hpp"
#include "facts/document.hpp"

namespace ms {

/// A variable as a file gives it.
struct FileVariable {
  std::string name;
  /// Absent where the file names the variable and something else gives the value: a Secret, the shell.
  Reading<std::string> value;
  int line = 0;  ///< counted from 1; 0 where the file has no lines (NUL-separated)
};

/// The variables of one environment that a file holds.
struct EnvironmentFile {
  std::string origin;                   ///< "pod.yaml", or "pod.yaml, container server"
  std::vector<FileVariable> variables;  ///< in order of the file, each name once
  std::vector<std::string> notes;       ///< what a person should know: "pod.yaml:14: ..."
};

/// The variables in the output of `env`, or in lines of `export` and `declare -x`, with their lines.
std::vector<FileVariable> parse_environment_lines(std::string_view text);

/// Reads the variables in a file of one of these kinds, recognised by what is in it:
/// * the output of `env` (a line that starts no variable continues the value above it), of `export -p` or
///   `declare -x`, a script of `export` lines, or NUL-separated as /proc/PID/environ;
/// * a Kubernetes manifest (YAML or JSON, several documents): `env` of the containers wherever they stand;
/// * the output of `docker inspect`;
/// * a Compose file.
/// Where several containers have variables, `container` ("NAME" or "WORKLOAD/NAME") says which one; otherwise
/// it may be empty. Throws InputError with the place when the file is none of these, holds no variables, or
/// the container cannot be told.
EnvironmentFile read_environment_file(std::string_view text, const std::string& source,
                                      const std::string& container);

/// The containers of a manifest, of `docker inspect` or of a Compose file; see read_environment_file.
EnvironmentFile read_container_environment(std::string_view text, const std::string& source,
                                           const std::string& container);

/// Where a name is there several times the last one counts, as it does where variables are set one by one.
void keep_last_of_each_name(std::vector<FileVariable>& variables);

/// Makes them the fact `env`, with the line of each as its provenance.
void set_environment(FactDocument& facts, const EnvironmentFile& environment, const std::string& source);

}  // namespace ms

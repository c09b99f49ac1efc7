#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/lang.hpp"
#include "facts/catalogue.hpp"
#include "facts/document.hpp"
#include "fleet/difference_table.hpp"
#include "probe/probe_set.hpp"
#include "rule/library.hpp"

namespace ms {

/// How commands judge recorded hosts, as their arguments say.
struct RecordArguments {
  std::vector<std::filesystem::path> rules;
  bool rules_only = false;
  std::string probes;
  std::string scene;  ///< words of --scene; empty: detected on each host
};

/// --rules, which `rules_help` describes, --rules-only, --probes and --scene.
void add_record_options(CLI::App& command, RecordArguments& arguments, const std::string& rules_help);

/// What recorded hosts are judged by.
struct RecordJudges {
  ProbeSet probes;
  std::vector<FactSpec> facts;
  RuleLibrary library;
  DifferenceTable table;

  /// Reads a record whole, redacted, as precheck would. Throws InputError.
  FactDocument read(const std::string& source) const;
};

/// Loads what the arguments ask for; what a person should know of the rules goes to standard error. Throws
/// InputError.
RecordJudges load_record_judges(const RecordArguments& arguments, Lang lang);

/// --format text|json|markdown.
void add_picture_format_option(CLI::App& command, std::string& format);

/// The writers of a picture of several hosts.
struct PictureWriters {
  std::function<OrderedJson()> json;
  std::function<std::string()> markdown;
  std::function<std::string()> text;
};

/// Writes a picture of several hosts to standard output in the format that --format asks for.
void write_picture(const std::string& format, const PictureWriters& writers);

}  // namespace ms

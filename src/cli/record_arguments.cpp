#include "cli/record_arguments.hpp"

#include "cli/console.hpp"
#include "cli/host_source.hpp"

namespace ms {

void add_record_options(CLI::App& command, RecordArguments& arguments, const std::string& rules_help) {
  command.add_option("--rules", arguments.rules, rules_help)->type_name("PATH");
  command.add_flag("--rules-only", arguments.rules_only, "Judge by the rules of --rules alone");
  command
      .add_option("--probes", arguments.probes, "Facts of your own that the rules speak of (docs/probes.md)")
      ->type_name("DIR");
  command.add_option("--scene", arguments.scene, "Say the scene of all hosts instead of detecting it")
      ->type_name("WORDS");
}

FactDocument RecordJudges::read(const std::string& source) const {
  HostArguments host;
  host.facts = source;
  return read_host(host, probes, std::nullopt);
}

RecordJudges load_record_judges(const RecordArguments& arguments, Lang lang) {
  HostArguments probing;
  probing.probes = arguments.probes;
  ProbeSet probes = probes_of(probing);
  std::vector<FactSpec> facts = facts_of(probes);
  RuleLibrary library = load_rule_library(facts, arguments.rules, !arguments.rules_only);
  for (const Text& note : library.notes) print_note(note, lang);
  return {.probes = std::move(probes),
          .facts = std::move(facts),
          .library = std::move(library),
          .table = DifferenceTable::builtin()};
}

void add_picture_format_option(CLI::App& command, std::string& format) {
  command.add_option("--format", format, "Format: text, json or markdown")
      ->check(CLI::IsMember({"text", "json", "markdown"}))
      ->type_name("FORMAT")
      ->capture_default_str();
}

void write_picture(const std::string& format, const PictureWriters& writers) {
  if (format == "json") {
    write_stdout(writers.json().dump(2, ' ', false, OrderedJson::error_handler_t::replace) + "\n");
  } else {
    write_stdout(format == "markdown" ? writers.markdown() : writers.text());
  }
}

}  // namespace ms

#include "probe/npu_queries.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "probe/npu_chips.hpp"
#include "probe/npu_commands.hpp"

namespace ms {
namespace {

using enum LabelKind;

constexpr LabelledField kUsage[] = {
    {"hbm_total_bytes", "HBM Capacity(MB)", mebibytes},
    {"hbm_ratio", "HBM Usage Rate(%)", percent},
    {"hbm_bandwidth_ratio", "HBM Bandwidth Usage Rate(%)", percent},
    {"ddr_total_bytes", "DDR Capacity(MB)", mebibytes},
    {"ddr_ratio", "DDR Usage Rate(%)", percent},
    {"aicore_ratio", "Aicore Usage Rate(%)", percent},
    {"aivector_ratio", "Aivector Usage Rate(%)", percent},
    {"aicpu_ratio", "Aicpu Usage Rate(%)", percent},
    {"ctrlcpu_ratio", "Ctrlcpu Usage Rate(%)", percent},
};

constexpr LabelledField kCommon[] = {
    {"aicore_count", "Aicore Count", integer},         {"aicore_ratio", "Aicore Usage Rate(%)", percent},
    {"aicore_mhz", "Aicore curFreq(MHZ)", number},     {"aicore_rated_mhz", "Aicore Freq(MHZ)", number},
    {"hbm_ratio", "HBM Usage Rate(%)", percent},       {"memory_ratio", "Memory Usage Rate(%)", percent},
    {"temperature_celsius", "Temperature(C)", number}, {"power_watts", "NPU Real-time Power(W)", number},
};

constexpr LabelledField kMemory[] = {
    {"hbm_total_bytes", "HBM Capacity(MB)", mebibytes},
    {"hbm_mhz", "HBM Clock Speed(MHz)", number},
    {"hbm_temperature_celsius", "HBM Temperature(C)", number},
    {"hbm_manufacturer_id", "HBM Manufacturer ID", text},
    {"ddr_total_bytes", "DDR Capacity(MB)", mebibytes},
    {"ddr_mhz", "DDR Clock Speed(MHz)", number},
};

constexpr LabelledField kBoard[] = {
    {"software_version", "Software Version", text},
    {"firmware_version", "Firmware Version", text},
    {"compatibility", "Compatibility", text},
    {"product", "Product Name", text},
    {"model", "Model", text},
    {"serial_number", "Serial Number", text},
    {"board_id", "Board ID", text},
    {"bus_id", "PCIe Bus Info", text},
    {"pci_device_id", "PCI Device ID", text},
    {"slot", "Slot ID", integer},
    {"chips", "Chip Count", integer},
};

constexpr LabelledField kChipBoard[] = {
    {"chip_name", "Chip Name", text},       {"npu_name", "NPU Name", text},
    {"chip_version", "Chip Version", text}, {"firmware_version", "Firmware Version", text},
    {"bus_id", "PCIe Bus Info", text},
};

using Scope = NpuQuery::Scope;
constexpr NpuQuery kQueries[] = {
    {"npu.usage", "usages", Scope::chips_of_card, kUsage},
    {"npu.common", "common", Scope::chips_of_card, kCommon},
    {"npu.memory", "memory", Scope::chips_of_card, kMemory},
    {"npu.boards", "board", Scope::card, kBoard},
    {"npu.chip_boards", "board", Scope::chip, kChipBoard},
};

// One command, and the elements of the fact that come from it.
struct Question {
  std::int64_t npu;
  std::vector<std::int64_t> chips;
};

std::vector<Question> questions_of(const std::vector<NpuChip>& chips, Scope scope) {
  std::vector<Question> questions;
  for (const NpuChip& chip : chips) {
    const auto same = std::find_if(questions.begin(), questions.end(), [&](const Question& question) {
      return scope != Scope::chip && question.npu == chip.npu;
    });
    if (same == questions.end()) {
      questions.push_back({chip.npu, {chip.chip}});
    } else {
      same->chips.push_back(chip.chip);
    }
  }
  return questions;
}

std::vector<std::string> arguments_of(const NpuQuery& query, const Question& question) {
  std::vector<std::string> arguments = {"info", "-t", std::string(query.type), "-i",
                                        fmt::format("{}", question.npu)};
  if (query.scope == Scope::chip) {
    arguments.insert(arguments.end(), {"-c", fmt::format("{}", question.chips.front())});
  }
  return arguments;
}

Json elements_of(const NpuQuery& query, const Question& question, const std::string& command,
                 const Reading<CommandOutput>& output) {
  Json elements = Json::array();
  for (const std::int64_t chip : question.chips) {
    Json element = {{"npu", question.npu}};
    if (query.scope != Scope::card) element["chip"] = chip;
    if (!output) {
      add_absent(query.fields, output.reason(), command, element);
    } else if (query.scope == Scope::chips_of_card) {
      add_chip_fields(*output, command, chip, question.chips.size(), query.fields, element);
    } else {
      const LabelledBlock lines = labelled_lines(output->text);
      if (has_any(lines, query.fields)) {
        add_fields(lines, query.fields, command, element);
      } else {
        add_absent(query.fields, nothing_found(command, *output), command, element);
      }
    }
    elements.push_back(std::move(element));
    if (query.scope == Scope::card) break;
  }
  return elements;
}

void read_query(std::string_view fact, const Host& host, std::chrono::milliseconds timeout,
                FactDocument& facts) {
  const NpuQuery& query = *std::find_if(std::begin(kQueries), std::end(kQueries),
                                        [&](const NpuQuery& one) { return one.fact == fact; });
  const std::string source = fmt::format("npu-smi info -t {}", query.type);
  const NpuCommands commands(host, timeout);
  const auto chips = read_chips(commands);
  if (!chips) return facts.set_absent(fact, chips.reason(), source);

  const std::vector<Question> questions = questions_of(*chips, query.scope);
  std::vector<Reading<CommandOutput>> outputs(questions.size(), Absent{"not run"});
  for_each_at_once(questions.size(), [&](std::size_t i) {
    outputs[i] = commands.run(kNpuSmi, arguments_of(query, questions[i]));
  });
  const bool answered = std::any_of(outputs.begin(), outputs.end(),
                                    [](const auto& output) { return static_cast<bool>(output); });
  if (!answered) return facts.set_absent(fact, outputs.front().reason(), source);
  Json list = Json::array();
  for (std::size_t i = 0; i < questions.size(); ++i) {
    const std::string command = command_line(kNpuSmi, arguments_of(query, questions[i]));
    for (Json& element : elements_of(query, questions[i], command, outputs[i]))
      list.push_back(std::move(element));
  }
  facts.set(fact, std::move(list), source);
}

}  // namespace

std::span<const NpuQuery> npu_queries() {
  return kQueries;
}

void add_chip_fields(const CommandOutput& output, const std::string& command, std::int64_t chip,
                     std::size_t chips, std::span<const LabelledField> fields, Json& element) {
  const auto blocks = chip_blocks(output.text);
  const auto found = std::find_if(blocks.begin(), blocks.end(), [&](const ChipBlock& block) {
    return block.chip ? *block.chip == chip : chips == 1;
  });
  if (found != blocks.end() && has_any(found->lines, fields)) {
    return add_fields(found->lines, fields, command, element);
  }
  const bool others = std::any_of(blocks.begin(), blocks.end(),
                                  [&](const ChipBlock& block) { return has_any(block.lines, fields); });
  add_absent(
      fields,
      others ? fmt::format("{}: prints nothing of chip {}", command, chip) : nothing_found(command, output),
      command, element);
}

void read_npu_usage(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts) {
  read_query("npu.usage", host, timeout, facts);
}
void read_npu_common(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts) {
  read_query("npu.common", host, timeout, facts);
}
void read_npu_memory(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts) {
  read_query("npu.memory", host, timeout, facts);
}
void read_npu_boards(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts) {
  read_query("npu.boards", host, timeout, facts);
}
void read_npu_chip_boards(const Host& host, std::chrono::milliseconds timeout, FactDocument& facts) {
  read_query("npu.chip_boards", host, timeout, facts);
}

}  // namespace ms

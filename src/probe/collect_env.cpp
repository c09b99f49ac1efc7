#include "probe/collect_env.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <map>
#include <optional>

#include "base/error.hpp"
#include "base/text.hpp"
#include "probe/collect.hpp"
#include "probe/environment_file.hpp"
#include "probe/fake_host.hpp"
#include "probe/lscpu.hpp"
#include "probe/npu_pci.hpp"

namespace ms {
namespace {

constexpr std::string_view kPackages = "ascend.python_packages";
constexpr std::string_view kNpuFacts[] = {"npu.devices", "npu.smi_version", "npu.driver_version", "npu.count",
                                          "npu.family"};

// The variables that collect_env prints where they are set, as reports of 2025 and 2026 show.
constexpr std::string_view kPrinted[] = {"TORCH", "PYTORCH", "ATB", "ASCEND", "LD_LIBRARY_PATH"};

bool is_printed(std::string_view variable) {
  return std::any_of(std::begin(kPrinted), std::end(kPrinted),
                     [&](std::string_view prefix) { return variable.starts_with(prefix); });
}

re2::StringPiece piece(std::string_view text) {
  return {text.data(), text.size()};
}

// A part of a report that goes over several lines, as it stands there.
struct Block {
  int first_line = 0;  // 0: the report does not have it
  std::string text;

  void add(std::string_view line, int number) {
    if (first_line == 0) first_line = number;
    text.append(line).push_back('\n');
  }
};

struct Line {
  std::string value;
  int number = 0;
};

// A report, taken apart.
struct Report {
  std::map<std::string, Line, std::less<>> labels;  // "OS" -> "Ubuntu 22.04.5 LTS (aarch64)"
  std::vector<Line> packages;                       // "[pip3] torch==2.9.0"
  std::string lscpu;                                // all lines outside of the blocks, in their places
  Block environment;
  Block npu;
  Block cann;
  std::vector<std::string> notes;
};

// What Markdown and HTML put around a line. "<summary>OS: ..." opens, "...</summary>" closes a part.
struct Content {
  std::string text;
  bool closes = false;
};

Content content_of(std::string_view line) {
  static const RE2 quote(R"(^(?:> ?)+)");
  static const RE2 opening(R"(^\s*<(?:summary|pre|code|details)[^<>]*>)");
  static const RE2 closing(R"(</(?:summary|pre|code|details)>\s*$)");
  std::string text = sanitize_utf8(line);
  RE2::Replace(&text, quote, "");
  while (RE2::Replace(&text, opening, "")) {
  }
  bool closes = false;
  while (RE2::Replace(&text, closing, "")) closes = true;
  return {.text = std::move(text), .closes = closes};
}

// Takes a report apart line by line.
class Reader {
 public:
  explicit Reader(const std::string& source) : source_(source) {}

  Report read(std::string_view text) {
    int number = 0;
    for (const std::string_view line : split_lines(text)) {
      ++number;
      const Content content = content_of(line);
      if (ends_here(content.text)) {
        report_.notes.push_back(
            fmt::format("{}:{}: another report begins here; the first one is read", source_, number));
        break;
      }
      take(content.text, number);
      if (content.closes) block_ = nullptr;
    }
    return std::move(report_);
  }

 private:
  bool ends_here(std::string_view line) const {
    static const RE2 start(R"(^\s*(?:Collecting environment information|PyTorch version\s*:))");
    if (!RE2::PartialMatch(piece(line), start)) return false;
    const bool is_first_line = trim(line).starts_with("Collecting");
    return report_.labels.contains("PyTorch version") && (!is_first_line || !report_.labels.empty());
  }

  void take(std::string_view raw, int number) {
    const std::string_view line = trim(raw);
    // Kept in place, so that the numbers of the lines are those of the file.
    std::string_view for_lscpu;
    if (!open_block(line, number)) {
      if (closes_block(line)) block_ = nullptr;
      if (block_ != nullptr) {
        block_->add(block_ == &report_.npu ? line : raw, number);
      } else if (line.starts_with('|') || line.starts_with('+')) {
        take_table(line, number);
      } else {
        take_line(line, number);
        for_lscpu = line;
      }
    }
    blank_ = line.empty();
    report_.lscpu.append(for_lscpu).push_back('\n');
  }

  // Whether the line is the heading of a block; what stands behind the colon is its first line.
  bool open_block(std::string_view line, int number) {
    static const RE2 heading(
        R"((?:\*\*|#+ )?(ENV Variables|Environment Variables|NPU|CANN)\s*(?::|：)(?:\*\*)?\s*(.*))");
    std::string name;
    std::string rest;
    if (!RE2::FullMatch(piece(line), heading, &name, &rest)) return false;
    Block* block = name == "NPU" ? &report_.npu : name == "CANN" ? &report_.cann : &report_.environment;
    if (block->first_line != 0) return block_ == nullptr;  // of a part that is there twice the first counts
    block_ = block;
    blank_ = false;
    block->first_line = number + 1;
    if (!rest.empty()) {
      block->first_line = 0;
      block->add(rest, number);
    }
    return true;
  }

  bool closes_block(std::string_view line) const {
    if (block_ == nullptr) return false;
    static const RE2 next(R"(```|#{1,6} |---+$|CPU:$|Versions of relevant libraries|\[(?:pip3?|conda)\] )");
    re2::StringPiece start = piece(line);
    // A fence may open behind the heading.
    if (line.starts_with("```") && trim(block_->text).empty()) return false;
    if (RE2::Consume(&start, next)) return true;
    static const RE2 assignment(R"([A-Za-z_][A-Za-z0-9_.%]*=)");
    re2::StringPiece entry = piece(line);
    // Values of variables go over several lines, but hardly ever on after an empty one.
    return block_ == &report_.environment && blank_ && !line.empty() && !RE2::Consume(&entry, assignment);
  }

  // A table of npu-smi that stands somewhere else.
  void take_table(std::string_view line, int number) {
    if (line.starts_with("| npu-smi") && report_.npu.first_line == 0) block_ = &report_.npu;
    if (block_ != nullptr) block_->add(line, number);
  }

  void take_line(std::string_view line, int number) {
    static const RE2 label(
        R"((PyTorch version|OS|Libc version|Python version|Python platform|vLLM Version|vLLM Ascend Version)\s*(?::|：)\s*(.*))");
    std::string name;
    std::string value;
    if (line.starts_with("[pip") || line.starts_with("[conda]") || line.starts_with("[uv]")) {
      report_.packages.push_back({std::string(line), number});
    } else if (RE2::FullMatch(piece(line), label, &name, &value) && !value.empty()) {
      report_.labels.try_emplace(name, Line{value, number});
    }
  }

  const std::string& source_;
  Report report_;
  Block* block_ = nullptr;
  bool blank_ = false;
};

// Makes the facts of a report.
class Importer {
 public:
  Importer(Report report, const std::string& source, const ProbeSet& probes,
           const std::set<std::string, std::less<>>& variables)
      : report_(std::move(report)), source_(source), probes_(probes), variables_(variables) {
    imported_.notes = report_.notes;
  }

  ImportedReport import() {
    const std::vector<LscpuLine> cpu = parse_lscpu(report_.lscpu);
    part("operating system", set_system());
    part("lscpu", !cpu.empty());
    set_lscpu_facts(facts(), cpu, source_);
    part("Python packages", set_packages());
    part("environment variables", set_environment_facts());
    part("npu-smi info", set_npu());
    part("CANN version", set_cann());
    return std::move(imported_);
  }

 private:
  FactDocument& facts() { return imported_.facts; }

  void part(const char* name, bool found) {
    (found ? imported_.found : imported_.missing).emplace_back(name);
  }

  std::string place(int line) const { return fmt::format("{}:{}", source_, line); }

  const Line* label(std::string_view name) const {
    const auto found = report_.labels.find(name);
    return found == report_.labels.end() ? nullptr : &found->second;
  }

  void set(std::string_view fact, const std::string& value, int line) {
    if (!value.empty()) facts().set(fact, Json(value), place(line));
  }

  bool set_system() {
    if (const Line* os = label("OS")) set_os(*os);
    if (const Line* platform = label("Python platform")) {
      static const RE2 pattern(R"(Linux-(.+)-([A-Za-z0-9_]+)-with-(?:glibc)?([\d.]*).*)");
      std::string release;
      std::string arch;
      std::string libc;
      if (RE2::FullMatch(platform->value, pattern, &release, &arch, &libc)) {
        set("host.kernel.release", release, platform->number);
        set("host.arch", arch, platform->number);
        set("host.libc.version", libc, platform->number);
      }
    }
    if (const Line* libc = label("Libc version")) {
      static const RE2 pattern(R"((?:glibc-)?(\d[\d.]*))");
      std::string version;
      if (RE2::FullMatch(libc->value, pattern, &version)) set("host.libc.version", version, libc->number);
    }
    if (const Line* python = label("Python version")) {
      set("host.python.version", first_word(python->value), python->number);
    }
    return label("OS") != nullptr || label("Python platform") != nullptr;
  }

  // "openEuler 24.03 (LTS-SP2) (aarch64)" as /etc/os-release has it.
  void set_os(const Line& os) {
    static const RE2 pattern(R"((.*?)(?:\s*\((aarch64|x86_64|arm64|riscv64|loongarch64)\))?)");
    static const RE2 version_pattern(R"(\b([Vv]?\d+(?:\.\d+)?))");
    std::string name;
    std::string arch;
    std::string version;
    RE2::FullMatch(os.value, pattern, &name, &arch);
    set("host.os.name", name, os.number);
    set("host.arch", arch, os.number);
    if (RE2::PartialMatch(name, version_pattern, &version)) set("host.os.version", version, os.number);
    const std::string id = first_word(name);
    // The only one whose short name is not in lower case.
    set("host.os.id", id == "openEuler" ? id : to_lower(id), os.number);
  }

  static std::string first_word(std::string_view text) {
    return std::string(text.substr(0, text.find_first_of(" \t(,")));
  }

  bool set_packages() {
    std::map<std::string, Line> versions;
    const auto add = [&](std::string name, const std::string& version, int line) {
      if (version.empty() || version[0] < '0' || version[0] > '9') return;
      std::replace(name.begin(), name.end(), '-', '_');
      name = to_lower(name);
      const auto [known, is_new] = versions.try_emplace(name, Line{version, line});
      if (is_new || known->second.value == version) return;
      imported_.notes.push_back(fmt::format("{}: {} is also said to be {}; {} in line {} counts", place(line),
                                            name, version, known->second.value, known->second.number));
    };
    static const RE2 pattern(R"(\[[A-Za-z0-9]+\]\s+([A-Za-z0-9_.-]+?)(?:==|\s+)(\S+).*)");
    for (const Line& line : report_.packages) {
      std::string name;
      std::string version;
      if (RE2::FullMatch(line.value, pattern, &name, &version)) add(name, version, line.number);
    }
    for (const auto& [name, package] :
         {std::pair("PyTorch version", "torch"), std::pair("vLLM Version", "vllm"),
          std::pair("vLLM Ascend Version", "vllm_ascend")}) {
      if (const Line* line = label(name)) add(package, first_word(line->value), line->number);
    }
    if (versions.empty()) return false;
    Json packages = Json::object();
    for (const auto& [name, line] : versions) packages[name] = line.value;
    facts().set(kPackages, std::move(packages), place(versions.begin()->second.number));
    for (const auto& [name, line] : versions) {
      // A dot in a name would read as a path.
      if (name.find('.') == std::string::npos)
        set(fmt::format("{}.{}", kPackages, name), line.value, line.number);
    }
    if (const auto ascend = versions.find("vllm_ascend"); ascend != versions.end()) {
      facts().set("ascend.vllm_ascend.installed", Json(true), place(ascend->second.number));
    }
    return true;
  }

  bool set_environment_facts() {
    const Block& block = report_.environment;
    if (block.first_line == 0) return false;
    EnvironmentFile environment{
        .origin = place(block.first_line), .variables = parse_environment_lines(block.text), .notes = {}};
    for (FileVariable& variable : environment.variables) variable.line += block.first_line - 1;
    for (const std::string& name : variables_) {
      const bool known = std::any_of(environment.variables.begin(), environment.variables.end(),
                                     [&](const FileVariable& variable) { return variable.name == name; });
      if (known || is_printed(name)) continue;
      environment.variables.push_back({name, Absent{"collect_env does not print this variable"}, 0});
    }
    set_environment(facts(), environment, source_);
    return true;
  }

  bool set_npu() {
    const std::string_view text = trim(report_.npu.text);
    if (report_.npu.first_line == 0 || text.empty() || text == "None" || text == "N/A") return false;
    const std::string at = place(report_.npu.first_line);
    if (set_npu_by_hand(text, at)) return true;
    FakeHost host;
    host.command("npu-smi info", report_.npu.text);
    take_from(host, std::begin(kNpuFacts), std::end(kNpuFacts), at);
    const auto reason = absent_reason(*facts().find("npu.devices"));
    for (const std::string_view fact : kNpuFacts) {
      // Nothing else of the machine can be asked.
      if (reason && absent_reason(*facts().find(fact))) facts().set_absent(fact, *reason, at);
    }
    // npu-smi prints the processes below the devices.
    if (!reason && text.find("Process id") == text.npos) {
      const std::size_t count = facts().find("npu.devices")->size();
      facts().set_absent("npu.count", fmt::format("the table may be cut off behind {} devices", count), at);
      imported_.notes.push_back(fmt::format(
          "{}: the table of npu-smi has no processes below its {} devices, and may be cut off", at, count));
    }
    return true;
  }

  // "8 × 910B2C", as a person writes it.
  bool set_npu_by_hand(std::string_view text, const std::string& at) {
    static const RE2 pattern(R"((\d{1,4})\s*(?:×|x|X|\*)\s*(?:Ascend\s*)?([A-Za-z0-9]+))");
    std::int64_t count = 0;
    std::string name;
    if (!RE2::FullMatch(piece(text), pattern, &count, &name)) return false;
    facts().set("npu.count", Json(count), at);
    if (const auto family = npu_family_of_name(name, false)) {
      facts().set("npu.family", Json(std::string(*family)), at);
    }
    return true;
  }

  bool set_cann() {
    if (trim(report_.cann.text).empty()) return false;
    FakeHost host;
    host.env("ASCEND_HOME_PATH", "/cann").file("/cann/ascend_toolkit_install.info", report_.cann.text);
    host.env("ASCEND_TOOLKIT_HOME", "/cann");
    const std::string_view fact = "ascend.cann.version";
    const std::string& text = report_.cann.text;
    const auto version = text.find("\nversion=");
    const auto above =
        version == text.npos
            ? 0
            : std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(version) + 1, '\n');
    take_from(host, &fact, &fact + 1, place(report_.cann.first_line + static_cast<int>(above)));
    return facts().contains(fact);
  }

  // What the ordinary probes find on a host that has nothing but this.
  void take_from(const Host& host, const std::string_view* first, const std::string_view* last,
                 const std::string& at) {
    CollectOptions options;
    options.needed.emplace(first, last);
    const FactDocument found = collect(host, probes_, options);
    for (; first != last; ++first) {
      if (const Json* value = found.find(*first)) facts().set(*first, *value, at);
    }
  }

  Report report_;
  const std::string& source_;
  const ProbeSet& probes_;
  const std::set<std::string, std::less<>>& variables_;
  ImportedReport imported_;
};

}  // namespace

bool is_collect_env_report(std::string_view text) {
  static const RE2 sign(
      R"((?m)^[\s>]*(?:<summary>)?\s*(?:Collecting environment information|PyTorch version\s*:|vLLM Ascend Version\s*:|ENV Variables\s*:|On-line CPU\(s\) list:|在线 CPU 列表|\| npu-smi \d))");
  return text.find('\0') == text.npos && RE2::PartialMatch(piece(text), sign);
}

ImportedReport import_collect_env(std::string_view text, const std::string& source, const ProbeSet& probes,
                                  const std::set<std::string, std::less<>>& variables) {
  if (text.find('\0') != text.npos) throw InputError(source, "is not a text");
  if (!is_collect_env_report(text)) {
    throw InputError(
        source,
        "holds no report of collect_env: expected lines such as 'PyTorch version: ...', 'CPU:' with "
        "the output of lscpu, 'ENV Variables:', 'NPU:' with that of npu-smi info, and 'CANN:'");
  }
  ImportedReport imported = Importer(Reader(source).read(text), source, probes, variables).import();
  for (const Probe& probe : probes.probes()) {
    if (!imported.facts.contains(probe.fact)) {
      imported.facts.set_absent(probe.fact, fmt::format("the report does not hold {}", probe.fact), source);
    }
  }
  return imported;
}

}  // namespace ms

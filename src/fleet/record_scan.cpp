#include "fleet/record_scan.hpp"

#include <fmt/format.h>
#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/error.hpp"
#include "base/text.hpp"
#include "facts/document.hpp"

namespace ms {
namespace {

constexpr std::uint64_t kMixA = 0x9e3779b97f4a7c15U;
constexpr std::uint64_t kMixB = 0xd6e8feb86659fd93U;
constexpr std::size_t kMaxDepth = 200;
// Names beyond this in one object are told apart no longer: no host has as many variables.
constexpr std::size_t kMaxMembers = 4096;
constexpr std::size_t kMaxFindings = 100'000;

__extension__ using Wide = unsigned __int128;

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

// Numbers within the tolerance fall into one bucket, or into two that lie side by side.
std::int64_t bucket(const std::string& number, double tolerance) {
  const double value = std::strtod(number.c_str(), nullptr);
  return value <= 0 ? 0 : static_cast<std::int64_t>(std::log(value) / std::log1p(tolerance));
}

// Whether a number of JSON fits a double. RapidJSON leaves out part of that check where numbers stay texts.
bool fits_double(std::string_view number) {
  constexpr std::size_t kAlwaysFits = 300;  // digits
  if (number.size() < kAlwaysFits && number.find_first_of("eE") == number.npos) return true;
  return std::isfinite(std::strtod(std::string(number).c_str(), nullptr));
}

// A text as a stream of the reader. RapidJSON's own works on copies of itself while it reads a token, and
// then does not know where it is when the token's event comes.
class TextStream {
 public:
  using Ch = char;

  explicit TextStream(const std::string& text) : begin_(text.c_str()), next_(text.c_str()) {}

  char Peek() const { return *next_; }
  char Take() { return *next_++; }
  std::size_t Tell() const { return static_cast<std::size_t>(next_ - begin_); }

  // The reader wants these of every stream, and uses them on those that it writes to.
  char* PutBegin() { return nullptr; }
  void Put(char /*c*/) {}
  void Flush() {}
  std::size_t PutEnd(char* /*begin*/) { return 0; }

 private:
  const char* begin_;
  const char* next_;
};

}  // namespace

void ValueHasher::word(std::uint64_t value) {
  a_ = mix(a_ ^ value, kMixA) + kMixB;
  b_ = mix(b_ ^ value, kMixB) + kMixA;
}

void ValueHasher::text(std::string_view value) {
  word(value.size());
  while (!value.empty()) {
    std::uint64_t chunk = 0;
    const std::size_t size = std::min(value.size(), sizeof chunk);
    std::memcpy(&chunk, value.data(), size);
    word(chunk);
    value.remove_prefix(size);
  }
}

/// A name in the tree of facts.
struct RecordScanner::Node {
  std::string name;
  std::string pattern;  ///< "npu.devices[].health"
  const ExpectedDifference* expected = nullptr;
  int slot = -1;
  bool holds_facts = false;  ///< facts are declared below
  std::vector<std::unique_ptr<Node>> members;
  std::unique_ptr<Node> element;
  std::size_t next = 0;  ///< where the next member is looked for first: records have them in one order
};

struct RecordScanner::Slots {
  const DifferenceTable& table;
  Node root;
  std::vector<Node*> nodes;
  std::vector<ScannedFact> facts;

  Node& member(Node& parent, std::string_view name) {
    auto& members = parent.members;
    for (std::size_t i = 0; i < members.size(); ++i) {
      const std::size_t at = (parent.next + i) % members.size();
      if (members[at]->name == name) {
        parent.next = at + 1;
        return *members[at];
      }
    }
    if (members.size() >= kMaxMembers) return *members.back();
    auto node = std::make_unique<Node>();
    node->name = name;
    node->pattern = parent.pattern.empty() ? node->name : parent.pattern + "." + node->name;
    node->expected = table.expected(node->pattern);
    members.push_back(std::move(node));
    Node& made = *members.back();
    if (parent.pattern == "env") give_slot(made);
    return made;
  }

  Node& element(Node& parent) {
    if (!parent.element) {
      parent.element = std::make_unique<Node>();
      parent.element->pattern = parent.pattern + "[]";
      parent.element->expected = table.expected(parent.element->pattern);
    }
    return *parent.element;
  }

  void give_slot(Node& node) {
    if (node.slot >= 0) return;
    node.slot = static_cast<int>(nodes.size());
    nodes.push_back(&node);
    facts.emplace_back();
  }

  Node& at(const std::string& path) {
    Node* node = &root;
    for (const std::string_view name : split(path, '.')) node = &member(*node, name);
    return *node;
  }
};

/// Takes the events of the reader. Outside of "facts" it keeps what a report says.
class RecordScanner::Handler {
 public:
  using Stream = TextStream;

  Handler(Slots& slots, const Stream& stream, const char* text)
      : slots_(slots), stream_(stream), text_(text) {}

  bool Null() { return scalar('n', {}); }
  bool Bool(bool value) { return scalar(value ? 't' : 'f', {}); }
  bool RawNumber(const char* value, rapidjson::SizeType size, bool /*copy*/) {
    if (fits_double({value, size})) return scalar('0', {value, size});
    wrong_ = "a number is too large";
    return false;
  }
  bool String(const char* value, rapidjson::SizeType size, bool /*copy*/) {
    return scalar('"', {value, size});
  }
  // Numbers arrive as texts; the reader wants these nevertheless.
  bool Int(int /*value*/) { return false; }
  bool Uint(unsigned /*value*/) { return false; }
  bool Int64(std::int64_t /*value*/) { return false; }
  bool Uint64(std::uint64_t /*value*/) { return false; }
  bool Double(double /*value*/) { return false; }

  bool StartObject() { return open('{'); }
  bool StartArray() { return open('['); }
  bool EndObject(rapidjson::SizeType /*count*/) { return close('}'); }
  bool EndArray(rapidjson::SizeType /*count*/) { return close(']'); }

  bool Key(const char* value, rapidjson::SizeType size, bool /*copy*/) {
    const std::string_view name(value, size);
    Frame& frame = frames_.back();
    frame.key.assign(name);
    value_begins_ = stream_.Tell();
    if (frame.node == nullptr) {
      frame.child = frames_.size() == 1 && name == "facts" ? &slots_.root : nullptr;
      return true;
    }
    if (name == "$absent") mark_absent(*frame.node);
    frame.child = &slots_.member(*frame.node, name);
    mix('k', name);
    return true;
  }

  bool found_facts() const { return found_facts_; }
  bool is_unusual() const { return unusual_; }
  bool is_too_deep() const { return too_deep_; }
  const std::string& schema() const { return schema_; }
  const std::string& wrong() const { return wrong_; }
  ScannedFile take() { return std::move(file_); }

 private:
  struct Frame {
    bool is_array = false;
    Node* node = nullptr;   ///< in the facts
    Node* child = nullptr;  ///< what the next value is of
    std::string key;
  };
  struct Active {
    std::size_t slot;
    std::size_t depth;
    std::size_t begins;
    ValueHasher full;
    ValueHasher lasting;
  };

  // A marker in the place of a whole tree stands for all facts in it.
  void mark_absent(const Node& node) {
    if (active_.empty()) {
      unusual_ = unusual_ || &node != &slots_.root;
    } else if (active_.back().depth + 1 == frames_.size()) {
      slots_.facts[active_.back().slot].absent = true;
    }
  }

  Node* value_node() {
    if (frames_.empty()) return nullptr;
    Frame& frame = frames_.back();
    if (frame.node != nullptr && frame.is_array) return &slots_.element(*frame.node);
    return frame.child;
  }

  void begin(Node* node) {
    if (node == nullptr || node->slot < 0) return;
    active_.push_back({static_cast<std::size_t>(node->slot), frames_.size(), value_begins_, {}, {}});
    slots_.facts[active_.back().slot] = {};
  }

  // The iterative reader tells of a bracket before it takes it.
  void end(std::size_t bracket) {
    if (active_.empty() || active_.back().depth != frames_.size()) return;
    const Active& ended = active_.back();
    ScannedFact& fact = slots_.facts[ended.slot];
    fact.present = true;
    fact.full = ended.full.take();
    fact.lasting = fact.absent ? ValueHash{1, 1} : ended.lasting.take();
    fact.text = {text_ + ended.begins, stream_.Tell() + bracket - ended.begins};
    active_.pop_back();
  }

  void mix(char kind, std::string_view text) {
    for (Active& active : active_) {
      active.full.word(static_cast<unsigned char>(kind));
      active.full.text(text);
      if (unlasting_ > 0) continue;
      active.lasting.word(static_cast<unsigned char>(kind));
      active.lasting.text(text);
    }
  }

  bool scalar(char kind, std::string_view text) {
    Node* node = value_node();
    if (node == nullptr) {
      keep(kind, text);
      return !frames_.empty() || wrong_root();
    }
    begin(node);
    if (node->expected != nullptr && kind == '0' && node->expected->tolerance) {
      const std::string near = fmt::format("{}", bucket(std::string(text), *node->expected->tolerance));
      for (Active& active : active_) {
        active.full.text(text);
        if (unlasting_ == 0) active.lasting.text(near);
      }
    } else {
      const bool unlasting = is_unlasting(*node);
      unlasting_ += unlasting ? 1 : 0;
      mix(kind, text);
      unlasting_ -= unlasting ? 1 : 0;
    }
    end(0);
    return true;
  }

  static bool is_unlasting(const Node& node) { return node.expected != nullptr && !node.expected->tolerance; }

  bool open(char kind) {
    if (frames_.size() >= kMaxDepth) {
      too_deep_ = true;
      return false;
    }
    Node* node = value_node();
    if (node == &slots_.root) found_facts_ = kind == '{';
    if (node == nullptr && in_finding_list() && kind == '{') file_.findings.emplace_back();
    begin(node);
    if (node != nullptr) {
      node->next = 0;
      unlasting_ += is_unlasting(*node) ? 1 : 0;
      mix(kind, {});
    }
    frames_.push_back({.is_array = kind == '[', .node = node, .child = nullptr, .key = {}});
    return file_.findings.size() < kMaxFindings;
  }

  bool close(char kind) {
    Node* node = frames_.back().node;
    frames_.pop_back();
    if (node != nullptr) {
      mix(kind, {});
      unlasting_ -= is_unlasting(*node) ? 1 : 0;
    }
    end(1);
    return true;
  }

  bool wrong_root() {
    wrong_ = "expected an object";
    return false;
  }

  bool in_finding_list() const {
    return frames_.size() == 2 && frames_[0].key == "findings" && frames_[1].is_array;
  }

  // What a report, or the head of a record, says.
  void keep(char kind, std::string_view text) {
    if (frames_.size() == 1 && frames_[0].key == "schema" && kind == '"') schema_ = text;
    if (frames_.size() == 2 && frames_[0].key == "host" && frames_[1].key == "name" && kind == '"')
      file_.host = text;
    if (frames_.size() == 2 && frames_[0].key == "exit" && frames_[1].key == "status" && kind == '0') {
      if (const auto status = parse_int(text)) file_.status = static_cast<int>(*status);
    }
    if (frames_.size() == 3 && frames_[0].key == "findings" && !file_.findings.empty() && kind == '"') {
      keep_finding(frames_[2].key, text);
    }
  }

  void keep_finding(const std::string& key, std::string_view text) {
    ScannedFinding& finding = file_.findings.back();
    if (key == "rule") finding.rule = text;
    if (key == "severity") finding.severity = text;
    if (key == "title") finding.title = text;
    if (key == "actual") finding.actual = text;
    if (key == "outcome") {
      const auto* found = std::find(kOutcomeNames.begin(), kOutcomeNames.end(), text);
      if (found == kOutcomeNames.end()) {
        wrong_ = fmt::format("unknown outcome '{}'", text);
      } else {
        finding.outcome = static_cast<Outcome>(found - kOutcomeNames.begin());
      }
    }
  }

  Slots& slots_;
  const Stream& stream_;
  const char* text_;
  std::vector<Frame> frames_;
  std::vector<Active> active_;
  int unlasting_ = 0;
  std::size_t value_begins_ = 0;
  bool found_facts_ = false;
  bool unusual_ = false;
  bool too_deep_ = false;
  std::string schema_;
  std::string wrong_;
  ScannedFile file_;
};

RecordScanner::RecordScanner(const std::vector<FactSpec>& facts, const DifferenceTable& table)
    : slots_(new Slots{.table = table, .root = {}, .nodes = {}, .facts = {}}) {
  for (const FactSpec& fact : facts) slots_->give_slot(slots_->at(fact.path));
}

RecordScanner::~RecordScanner() = default;

std::size_t RecordScanner::slot(const std::string& path) {
  Node& node = slots_->at(path);
  slots_->give_slot(node);
  return static_cast<std::size_t>(node.slot);
}

const std::string& RecordScanner::path_of(std::size_t slot) const {
  return slots_->nodes[slot]->pattern;
}

std::size_t RecordScanner::slot_count() const {
  return slots_->nodes.size();
}

bool RecordScanner::is_expected(std::size_t slot) const {
  const ExpectedDifference* expected = slots_->nodes[slot]->expected;
  return expected != nullptr && !expected->tolerance;
}

const ScannedFact& RecordScanner::fact(std::size_t slot) const {
  return slots_->facts[slot];
}

ScannedFile RecordScanner::scan(const std::string& text, const std::string& source) {
  for (ScannedFact& fact : slots_->facts) fact = {};
  TextStream stream(text);
  Handler handler(*slots_, stream, text.data());
  rapidjson::Reader reader;
  const auto result =
      reader.Parse<rapidjson::kParseCommentsFlag | rapidjson::kParseNumbersAsStringsFlag |
                   rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag>(stream, handler);
  if (handler.is_too_deep()) throw InputError(source, "nested deeper than 200 levels");
  if (!handler.wrong().empty()) throw InputError(source, handler.wrong());
  const bool cut = !result.IsError() && stream.Tell() < text.size();  // at a zero byte
  if (result.IsError() || cut || handler.is_unusual()) {
    // The slower reader says it better, and reads what is only unusual.
    FactDocument::from_json(parse_json(text, source), source);
    throw InputError(source, cut || result.IsError()
                                 ? rapidjson::GetParseError_En(result.Code())
                                 : "a whole tree of facts is one marker; read it with precheck");
  }
  ScannedFile file = handler.take();
  const std::string& schema = handler.schema();
  if (schema == "msprecheck.precheck/1") {
    file.kind = ScannedFile::Kind::report;
    if (!file.status || (*file.status != 0 && *file.status != 1 && *file.status != 3)) {
      throw InputError(source, "the report has no exit status");
    }
    const bool named = std::all_of(file.findings.begin(), file.findings.end(),
                                   [](const ScannedFinding& finding) { return !finding.rule.empty(); });
    if (!named) throw InputError(source, "a finding of the report names no rule");
    return file;
  }
  if (schema != "msprecheck.facts/1" || !handler.found_facts()) {
    throw InputError(
        source,
        schema.empty() ? "is neither a record nor a report of msprecheck: it has no \"schema\""
        : schema == "msprecheck.facts/1"
            ? "'facts' must be an object"
            : fmt::format("is neither a record nor a report of msprecheck: its schema is '{}'", schema));
  }
  return file;
}

}  // namespace ms

#include "plan/lengths.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "base/closest_match.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "base/text.hpp"

namespace ms {
namespace {

constexpr std::int64_t kMostTokens = 1'000'000'000;
constexpr int kPoints = 64;  // lengths that stand for a continuous distribution
constexpr std::size_t kMostRecords = 1'000'000;

constexpr std::array<std::pair<std::string_view, Statistic>, 7> kStatistics = {
    {{"average", Statistic::average},
     {"min", Statistic::min},
     {"p50", Statistic::p50},
     {"p75", Statistic::p75},
     {"p90", Statistic::p90},
     {"p99", Statistic::p99},
     {"max", Statistic::max}}};

[[noreturn]] void refuse(std::string_view text, const std::string& source) {
  throw InputError(source,
                   fmt::format("'{}' is not a length: write 256, 200-400, 256~64 (mean and deviation) or "
                               "128:10,512:5 (lengths and counts), from 1 to {} tokens",
                               text, kMostTokens));
}

bool is_length(double tokens) {
  return tokens >= 1 && tokens <= static_cast<double>(kMostTokens);
}

// The z below which a share p of a standard normal lies, by bisection: exact enough, and called 64 times.
double normal_quantile(double p) {
  double low = -9;
  double high = 9;
  for (int step = 0; step < 60; ++step) {
    const double middle = (low + high) / 2;
    (std::erfc(-middle / std::sqrt(2.0)) / 2 < p ? low : high) = middle;
  }
  return (low + high) / 2;
}

Lengths spread(double (*at)(double share, double a, double b), double a, double b) {
  Lengths lengths;
  for (int i = 0; i < kPoints; ++i) {
    const double tokens = at((i + 0.5) / kPoints, a, b);
    lengths.push_back({std::max<std::int64_t>(1, std::llround(tokens)), 1});
  }
  return lengths;
}

Lengths parse_range(std::string_view text, std::size_t dash, const std::string& source) {
  const auto low = parse_int(trim(text.substr(0, dash)));
  const auto high = parse_int(trim(text.substr(dash + 1)));
  if (!low || !high || *low < 1 || *high < *low || *high > kMostTokens) refuse(text, source);
  if (*high - *low < kPoints) {
    Lengths lengths;
    for (std::int64_t tokens = *low; tokens <= *high; ++tokens) lengths.push_back({tokens, 1});
    return lengths;
  }
  return spread([](double share, double a, double b) { return a - 0.5 + share * (b - a + 1); },
                static_cast<double>(*low), static_cast<double>(*high));
}

Lengths parse_deviation(std::string_view text, std::size_t tilde, const std::string& source) {
  const auto mean = parse_double(trim(text.substr(0, tilde)));
  const auto deviation = parse_double(trim(text.substr(tilde + 1)));
  if (!mean || !deviation || !is_length(*mean) || *deviation < 0 || *deviation > kMostTokens)
    refuse(text, source);
  return spread([](double share, double m, double d) { return m + d * normal_quantile(share); }, *mean,
                *deviation);
}

Lengths parse_histogram(std::string_view text, const std::string& source) {
  Lengths lengths;
  for (const std::string_view bin : split(text, ',')) {
    const auto colon = bin.find(':');
    if (colon == bin.npos) refuse(text, source);
    const auto tokens = parse_int(trim(bin.substr(0, colon)));
    const auto count = parse_double(trim(bin.substr(colon + 1)));
    if (!tokens || !count || *tokens < 1 || *tokens > kMostTokens || !(*count >= 0)) refuse(text, source);
    if (*count > 0) lengths.push_back({*tokens, *count});
  }
  if (lengths.empty()) refuse(text, source);
  return lengths;
}

double total_weight(const Lengths& lengths) {
  double total = 0;
  for (const WeightedLength& length : lengths) total += length.weight;
  return total;
}

double quantile_of(Lengths lengths, double share) {
  std::sort(lengths.begin(), lengths.end(),
            [](const WeightedLength& a, const WeightedLength& b) { return a.tokens < b.tokens; });
  const double wanted = share * total_weight(lengths);
  double seen = 0;
  for (const WeightedLength& length : lengths) {
    seen += length.weight;
    if (seen >= wanted * (1 - 1e-12)) return static_cast<double>(length.tokens);
  }
  return static_cast<double>(lengths.back().tokens);
}

constexpr std::array<std::string_view, 9> kInputNames = {"input_tokens", "prompt_tokens", "input_len",
                                                         "prompt_len",   "input_length",  "isl",
                                                         "inputtokens",  "input",         "prompt_length"};
constexpr std::array<std::string_view, 10> kOutputNames = {
    "output_tokens", "completion_tokens", "output_len",      "output_length", "generated_tokens",
    "osl",           "generatedtokens",   "generate_tokens", "output",        "max_tokens"};

std::optional<std::int64_t> length_in(const Json& value) {
  double tokens = 0;
  if (value.is_number()) {
    tokens = value.get<double>();
  } else if (value.is_string()) {
    const auto number = parse_double(trim(value.get_ref<const std::string&>()));
    if (!number) return std::nullopt;
    tokens = *number;
  } else {
    return std::nullopt;
  }
  if (!is_length(std::round(tokens))) return std::nullopt;
  return std::llround(tokens);
}

template <std::size_t N>
std::optional<std::int64_t> named_length(const Json& record, const std::array<std::string_view, N>& names) {
  for (const std::string_view name : names) {
    for (const auto& [key, value] : record.items()) {
      if (to_lower(key) != name) continue;
      if (const auto length = length_in(value)) return length;
    }
  }
  return std::nullopt;
}

// About four bytes of Latin text make a token, and about one and a half CJK characters of three bytes.
std::int64_t estimated_tokens(const std::string& text) {
  double tokens = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    tokens += byte < 0x80 ? 0.25 : 0.65 / 3;
  }
  return std::max<std::int64_t>(1, std::llround(tokens));
}

const Json* member(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

// The first question and the first answer, as benchmarks take them.
std::optional<RequestLength> conversation_lengths(const Json& record) {
  const Json* turns = member(record, "conversations");
  if (turns == nullptr || !turns->is_array() || turns->size() < 2) return std::nullopt;
  std::array<std::int64_t, 2> tokens = {};
  for (std::size_t turn = 0; turn < 2; ++turn) {
    const Json& entry = turns->at(turn);
    const Json* value = entry.is_object() ? member(entry, "value") : nullptr;
    if (value == nullptr || !value->is_string()) return std::nullopt;
    tokens.at(turn) = estimated_tokens(value->get_ref<const std::string&>());
  }
  return RequestLength{.input = tokens[0], .output = tokens[1]};
}

class Reader {
 public:
  explicit Reader(const std::string& source) : source_(source) {}

  void add(const Json& record) {
    if (!record.is_object()) return skip();
    const auto input = named_length(record, kInputNames);
    const auto output = named_length(record, kOutputNames);
    if (input && output) return keep({.input = *input, .output = *output});
    if (const auto conversation = conversation_lengths(record)) {
      estimated_ = true;
      return keep(*conversation);
    }
    skip();
  }

  void add_details(const Json& inputs, const Json& outputs) {
    if (!inputs.is_array() || !outputs.is_array()) return skip();
    for (std::size_t i = 0; i < std::min(inputs.size(), outputs.size()); ++i) {
      const auto input = length_in(inputs[i]);
      const auto output = length_in(outputs[i]);
      if (input && output) {
        keep({.input = *input, .output = *output});
      } else {
        skip();
      }
    }
  }

  void skip() { ++skipped_; }

  RequestLengths finish() {
    if (lengths_.requests.empty()) {
      throw InputError(source_,
                       fmt::format("holds no request with both lengths ({} records read); expected {} and "
                                   "{}, input_lens and output_lens, or conversations",
                                   skipped_, kInputNames.front(), kOutputNames.front()));
    }
    lengths_.source = fmt::format("{}: {} requests", source_, lengths_.requests.size());
    if (skipped_ > 0)
      lengths_.notes.push_back(fmt::format("{}: {} records without lengths left out", source_, skipped_));
    if (estimated_) {
      lengths_.notes.push_back(fmt::format(
          "{}: tokens estimated from the text, 4 Latin letters or 1.5 CJK characters each", source_));
    }
    return std::move(lengths_);
  }

 private:
  void keep(RequestLength request) {
    if (lengths_.requests.size() >= kMostRecords)
      throw InputError(source_, fmt::format("holds more than {} requests", kMostRecords));
    lengths_.requests.push_back(request);
  }

  const std::string& source_;
  RequestLengths lengths_;
  std::size_t skipped_ = 0;
  bool estimated_ = false;
};

void read_json(const Json& document, Reader& reader) {
  if (document.is_array()) {
    for (const Json& record : document) reader.add(record);
    return;
  }
  const Json* inputs = document.is_object() ? member(document, "input_lens") : nullptr;
  const Json* outputs = document.is_object() ? member(document, "output_lens") : nullptr;
  if (inputs != nullptr && outputs != nullptr) return reader.add_details(*inputs, *outputs);
  reader.add(document);
}

std::vector<std::string> csv_cells(std::string_view line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      cells.emplace_back();
    } else {
      cells.back() += c;
    }
  }
  return cells;
}

void read_csv(const std::vector<std::string_view>& lines, Reader& reader) {
  std::vector<std::string> names = csv_cells(lines.front());
  for (std::string& name : names) name = std::string(trim(name));
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (trim(lines[i]).empty()) continue;
    const std::vector<std::string> cells = csv_cells(lines[i]);
    Json record = Json::object();
    for (std::size_t column = 0; column < std::min(names.size(), cells.size()); ++column)
      record[names[column]] = cells[column];
    reader.add(record);
  }
}

void read_json_lines(const std::vector<std::string_view>& lines, Reader& reader) {
  for (const std::string_view line : lines) {
    if (trim(line).empty()) continue;
    const Json record = Json::parse(line, nullptr, false);
    if (record.is_discarded()) {
      reader.skip();  // one broken record never costs the others
    } else {
      read_json(record, reader);
    }
  }
}

}  // namespace

Lengths parse_lengths(std::string_view text, const std::string& source) {
  const std::string_view spec = trim(text);
  if (const auto tokens = parse_int(spec)) {
    if (!is_length(static_cast<double>(*tokens))) refuse(text, source);
    return {{*tokens, 1}};
  }
  if (spec.find(':') != spec.npos) return parse_histogram(spec, source);
  if (const auto tilde = spec.find('~'); tilde != spec.npos) return parse_deviation(spec, tilde, source);
  const auto dash = spec.find('-', 1);
  if (spec.empty() || dash == spec.npos) refuse(text, source);
  return parse_range(spec, dash, source);
}

std::vector<std::string> statistic_names() {
  std::vector<std::string> names;
  for (const auto& [name, statistic] : kStatistics) names.emplace_back(name);
  return names;
}

Statistic parse_statistic(std::string_view word, const std::string& source) {
  const std::string wanted = to_lower(word);
  for (const auto& [name, statistic] : kStatistics) {
    if (name == wanted || (wanted == "mean" && statistic == Statistic::average)) return statistic;
  }
  const auto names = statistic_names();
  throw InputError(source, fmt::format("unknown statistic '{}'{}; one of {}", word,
                                       did_you_mean(closest_match(wanted, names)), fmt::join(names, ", ")));
}

double statistic_of(const Lengths& lengths, Statistic statistic) {
  switch (statistic) {
    case Statistic::average: {
      double sum = 0;
      for (const WeightedLength& length : lengths) sum += length.weight * static_cast<double>(length.tokens);
      return sum / total_weight(lengths);
    }
    case Statistic::min:
      return quantile_of(lengths, 0);
    case Statistic::p50:
      return quantile_of(lengths, 0.5);
    case Statistic::p75:
      return quantile_of(lengths, 0.75);
    case Statistic::p90:
      return quantile_of(lengths, 0.9);
    case Statistic::p99:
      return quantile_of(lengths, 0.99);
    case Statistic::max:
      return quantile_of(lengths, 1);
  }
  return 0;
}

double deviation_of(const Lengths& lengths) {
  const double mean = statistic_of(lengths, Statistic::average);
  double sum = 0;
  for (const WeightedLength& length : lengths) {
    const double apart = static_cast<double>(length.tokens) - mean;
    sum += length.weight * apart * apart;
  }
  return std::sqrt(sum / total_weight(lengths));
}

RequestLengths combine(const Lengths& input, const Lengths& output) {
  RequestLengths lengths;
  for (const WeightedLength& in : input) {
    for (const WeightedLength& out : output)
      lengths.requests.push_back(
          {.input = in.tokens, .output = out.tokens, .weight = in.weight * out.weight});
  }
  return lengths;
}

RequestLengths read_request_lengths(std::string_view text, const std::string& source) {
  Reader reader(source);
  const std::vector<std::string_view> lines = split_lines(text);
  const std::string_view start = trim(text);
  if (start.empty()) throw InputError(source, "is empty");
  if (start.front() != '{' && start.front() != '[') {
    read_csv(lines, reader);
    return reader.finish();
  }
  // One document, or else one record a line.
  const Json document = Json::parse(text.begin(), text.end(), nullptr, false);
  if (!document.is_discarded()) {
    read_json(document, reader);
  } else if (start.front() == '[') {
    parse_json(text, source);  // says where
  } else {
    read_json_lines(lines, reader);
  }
  return reader.finish();
}

Lengths inputs_of(const RequestLengths& lengths) {
  Lengths inputs;
  for (const RequestLength& request : lengths.requests) inputs.push_back({request.input, request.weight});
  return inputs;
}

Lengths outputs_of(const RequestLengths& lengths) {
  Lengths outputs;
  for (const RequestLength& request : lengths.requests) outputs.push_back({request.output, request.weight});
  return outputs;
}

}  // namespace ms

#include "rule/questions.hpp"

#include <charconv>
#include <sstream>

#include "base/text.hpp"
#include "rule/expression.hpp"

namespace ms {
namespace {

constexpr std::string_view kListening = "0A";
constexpr const char* kNoHost = "saved facts do not answer it";

std::vector<std::string> words_of(std::string_view line) {
  std::istringstream stream{std::string(line)};
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

void add_texts(const cel::Value& value, std::set<std::string>& texts) {
  if (value.is(cel::Kind::string)) texts.emplace(value.as_string());
  if (!value.is(cel::Kind::list)) return;
  for (std::size_t i = 0; i < value.size(); ++i) add_texts(value.at(i), texts);
}

void ask_paths(const std::vector<cel::Program>& programs, const Host& host, FactDocument& facts) {
  std::set<std::string> paths;
  {
    const cel::Activation activation = activation_of(facts);
    cel::Arena arena;
    for (const cel::Program& program : programs) add_texts(program.evaluate(activation, arena), paths);
  }
  Json exist = Json::object();
  for (const std::string& path : paths) {
    const bool is_askable = path.find('\0') == path.npos && !path.empty();
    exist[path] = is_askable && host.exists(path);
  }
  facts.set("asked.path_exists", std::move(exist), "the file system");
}

void ask_ports(const Host& host, FactDocument& facts) {
  constexpr const char* kSource = "/proc/net/tcp";
  const auto text = host.read_file(kSource);
  if (!text) return facts.set_absent("asked.ports_in_use", text.reason(), kSource);
  std::set<std::int64_t> ports = parse_listening_ports(*text);
  // A host without IPv6 has no such file.
  if (const auto more = host.read_file("/proc/net/tcp6")) ports.merge(parse_listening_ports(*more));
  facts.set("asked.ports_in_use", Json(ports), kSource);
}

void ask_address(const Host& host, FactDocument& facts) {
  constexpr const char* kSource = "ip -4 -o addr show";
  const auto output = host.run({"ip", "-4", "-o", "addr", "show"}, std::chrono::seconds(5));
  if (!output) return facts.set_absent("asked.address", output.reason(), kSource);
  const auto address = parse_first_address(output->text);
  if (!address) return facts.set_absent("asked.address", "no interface has an IPv4 address", kSource);
  facts.set("asked.address", *address, kSource);
}

}  // namespace

std::set<std::int64_t> parse_listening_ports(std::string_view text) {
  std::set<std::int64_t> ports;
  for (const std::string_view line : split_lines(text)) {
    const std::vector<std::string> words = words_of(line);
    if (words.size() < 4 || words[3] != kListening) continue;
    const auto colon = words[1].rfind(':');
    if (colon == std::string::npos) continue;
    std::uint16_t port = 0;
    const char* const end = words[1].data() + words[1].size();
    const auto [stop, error] = std::from_chars(words[1].data() + colon + 1, end, port, 16);
    if (error == std::errc() && stop == end) ports.insert(port);
  }
  return ports;
}

std::optional<std::string> parse_first_address(std::string_view text) {
  for (const std::string_view line : split_lines(text)) {
    const std::vector<std::string> words = words_of(line);  // "2:" "eth0" "inet" "10.0.0.5/24"
    if (words.size() < 4 || words[2] != "inet") continue;
    if (words[1].starts_with("lo") || words[1].starts_with("docker")) continue;
    return words[3].substr(0, words[3].find('/'));
  }
  return std::nullopt;
}

void ask_host(const PackQuestions& questions, const Host* host, FactDocument& facts) {
  if (questions.empty()) return;
  if (host == nullptr) return facts.set_absent("asked", kNoHost, "--facts");
  if (!questions.paths.empty()) ask_paths(questions.paths, *host, facts);
  if (questions.ports_in_use) ask_ports(*host, facts);
  if (questions.address) ask_address(*host, facts);
}

}  // namespace ms

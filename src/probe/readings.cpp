#include "probe/readings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

#include "base/error.hpp"
#include "base/text.hpp"
#include "facts/redact.hpp"

namespace ms {
namespace {

// The text as a record holds it, or why it does not.
Json kept_text(const std::string& text, const std::string& source) {
  const bool is_text = text.find('\0') == text.npos && sanitize_utf8(text) == text;
  if (is_text && text.size() <= kMaxKeptText) return redact_text(text);
  return absent_marker(fmt::format("{} is not kept in the record ({} bytes{})", source, text.size(),
                                   is_text ? "" : ", not text"),
                       source);
}

// What was read says by itself that it is there.
bool is_kept(const std::map<std::string, Json>& group, const std::string& path) {
  const auto found = group.find(path);
  return found != group.end() && !absent_reason(found->second);
}

class KeepingHost : public Host {
 public:
  KeepingHost(const Host& host, Readings& readings) : host_(host), readings_(readings) {}

  using Host::read_file;
  Reading<std::string> read_file(const std::string& path, std::size_t max_bytes) const override {
    auto text = host_.read_file(path, max_bytes);
    readings_.keep_file(path, text);
    return text;
  }
  Reading<std::vector<std::string>> list_directory(const std::string& path) const override {
    auto names = host_.list_directory(path);
    readings_.keep_folder(path, names);
    return names;
  }
  bool exists(const std::string& path) const override {
    const bool found = host_.exists(path);
    readings_.keep_existence(path, found);
    return found;
  }
  Reading<CommandOutput> run(const std::vector<std::string>& argv,
                             std::chrono::milliseconds timeout) const override {
    auto output = host_.run(argv, timeout);
    readings_.keep_command(argv, output);
    return output;
  }
  Reading<std::map<std::string, std::string>> environment() const override { return host_.environment(); }
  Reading<std::string> machine() const override { return host_.machine(); }
  Reading<std::int64_t> page_size_bytes() const override { return host_.page_size_bytes(); }
  std::optional<std::string> root() const override { return host_.root(); }
  std::string describe(const std::string& path) const override { return host_.describe(path); }

 private:
  const Host& host_;
  Readings& readings_;
};

class KeptHost : public Host {
 public:
  KeptHost(const Json& readings, const FactDocument& facts, const std::string& source)
      : facts_(facts), source_(source) {
    if (!readings.is_object()) throw InputError(source, "'readings' must be an object");
    files_ = members(readings, "files");
    folders_ = members(readings, "folders");
    commands_ = members(readings, "commands");
    const auto exists = readings.find("exists");
    if (exists == readings.end()) return;
    if (!exists->is_array()) throw InputError(source, "'readings.exists' must be an array of paths");
    for (const Json& path : *exists) {
      if (!path.is_string()) throw InputError(source, "'readings.exists' must be an array of paths");
      exists_.insert(path.get<std::string>());
    }
  }

  using Host::read_file;
  Reading<std::string> read_file(const std::string& path, std::size_t max_bytes) const override {
    const auto found = files_.find(path);
    if (found == files_.end()) return not_held(path);
    if (const auto reason = absent_reason(*found)) return Absent{*reason};
    if (!found->is_string()) return malformed("files", path);
    const auto& text = found->get_ref<const std::string&>();
    if (text.size() > max_bytes) return Absent{fmt::format("{}: larger than {} bytes", path, max_bytes)};
    return text;
  }

  Reading<std::vector<std::string>> list_directory(const std::string& path) const override {
    const auto found = folders_.find(path);
    if (found == folders_.end()) return not_held(path);
    if (const auto reason = absent_reason(*found)) return Absent{*reason};
    if (!found->is_array()) return malformed("folders", path);
    std::vector<std::string> names;
    for (const Json& name : *found) {
      if (!name.is_string()) return malformed("folders", path);
      names.push_back(name);
    }
    return names;
  }

  bool exists(const std::string& path) const override {
    const auto is_there = [&](const Json& group) {
      const auto found = group.find(path);
      return found != group.end() && !absent_reason(*found);
    };
    return exists_.contains(path) || is_there(files_) || is_there(folders_);
  }

  Reading<CommandOutput> run(const std::vector<std::string>& argv, std::chrono::milliseconds) const override {
    const std::string line = fmt::format("{}", fmt::join(argv, " "));
    const auto found = commands_.find(line);
    if (found == commands_.end()) return not_held(fmt::format("the output of '{}'", line));
    if (const auto reason = absent_reason(*found)) return Absent{*reason};
    const auto text = found->find("text");
    const auto status = found->find("status");
    if (!found->is_object() || text == found->end() || status == found->end())
      return malformed("commands", line);
    if (const auto reason = absent_reason(*text)) return Absent{*reason};
    if (!text->is_string() || !status->is_number_integer()) return malformed("commands", line);
    return CommandOutput{.status = status->get<int>(), .text = text->get<std::string>()};
  }

  Reading<std::map<std::string, std::string>> environment() const override {
    const Json* env = fact("env");
    if (env == nullptr || !env->is_object()) return not_held("the environment");
    std::map<std::string, std::string> variables;
    for (const auto& [name, value] : env->items()) {
      if (value.is_string()) variables.emplace(name, value.get<std::string>());
    }
    return variables;
  }

  Reading<std::string> machine() const override {
    const Json* arch = fact("host.arch");
    if (arch == nullptr || !arch->is_string()) return not_held("the architecture");
    return arch->get<std::string>();
  }

  Reading<std::int64_t> page_size_bytes() const override {
    const Json* size = fact("host.page_size_bytes");
    if (size == nullptr || !size->is_number_integer()) return not_held("the page size");
    return size->get<std::int64_t>();
  }

  std::optional<std::string> root() const override { return std::nullopt; }
  std::string describe(const std::string& path) const override { return path; }

 private:
  Json members(const Json& readings, const char* name) const {
    const auto found = readings.find(name);
    if (found == readings.end()) return Json::object();
    if (!found->is_object()) throw InputError(source_, fmt::format("'readings.{}' must be an object", name));
    return *found;
  }

  const Json* fact(std::string_view path) const {
    const Json* value = facts_.find(path);
    return value == nullptr || absent_reason(*value) ? nullptr : value;
  }

  Absent not_held(const std::string& what) const {
    return Absent{fmt::format("{} does not hold {}", source_, what)};
  }
  Absent malformed(const char* group, const std::string& name) const {
    return Absent{fmt::format("{}: 'readings.{}.{}' is not of the form that is kept", source_, group, name)};
  }

  FactDocument facts_;
  std::string source_;
  Json files_;
  Json folders_;
  Json commands_;
  std::set<std::string, std::less<>> exists_;
};

}  // namespace

void Readings::keep_file(const std::string& path, const Reading<std::string>& text) {
  Json kept = text ? kept_text(*text, path) : absent_marker(text.reason(), path);
  const std::lock_guard lock(mutex_);
  files_.insert_or_assign(path, std::move(kept));
}

void Readings::keep_folder(const std::string& path, const Reading<std::vector<std::string>>& names) {
  Json kept = absent_marker(names ? "" : names.reason(), path);
  if (names) {
    kept = Json::array();
    for (const std::string& name : *names) kept.push_back(sanitize_utf8(name));
  }
  const std::lock_guard lock(mutex_);
  folders_.insert_or_assign(path, std::move(kept));
}

void Readings::keep_existence(const std::string& path, bool exists) {
  const std::lock_guard lock(mutex_);
  exists_.insert_or_assign(path, exists);
}

void Readings::keep_command(const std::vector<std::string>& argv, const Reading<CommandOutput>& output) {
  const std::string line = fmt::format("{}", fmt::join(argv, " "));
  Json kept = output ? Json{{"status", output->status}, {"text", kept_text(output->text, line)}}
                     : absent_marker(output.reason(), line);
  const std::lock_guard lock(mutex_);
  commands_.insert_or_assign(line, std::move(kept));
}

Json Readings::to_json() const {
  const std::lock_guard lock(mutex_);
  Json exists = Json::array();
  for (const auto& [path, is_there] : exists_) {
    if (is_there && !is_kept(files_, path) && !is_kept(folders_, path)) exists.push_back(path);
  }
  return Json{
      {"files", files_}, {"folders", folders_}, {"exists", std::move(exists)}, {"commands", commands_}};
}

std::unique_ptr<Host> keeping_host(const Host& host, Readings& readings) {
  return std::make_unique<KeepingHost>(host, readings);
}

std::unique_ptr<Host> kept_host(const Json& readings, const FactDocument& facts, const std::string& source) {
  return std::make_unique<KeptHost>(readings, facts, source);
}

}  // namespace ms

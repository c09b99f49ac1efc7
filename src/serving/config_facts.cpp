#include "serving/config_facts.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

#include "serving/rank_table.hpp"
#include "serving/weight_directory.hpp"
#include "serving/workload.hpp"

namespace ms {
namespace {

constexpr const char* kProblemsType =
    "list<{kind: string, place: string, key: string, expected: string, expected_zh: string, found: string}>";
constexpr const char* kFilesType = "list<{kind: string, file: string, readable: bool, reason: string}>";

// Elements of a fact, and the files that they came from.
struct Elements {
  Json list = Json::array();
  std::set<std::string> files;

  void add(Json element) {
    files.insert(element["file"].get<std::string>());
    list.push_back(std::move(element));
  }
};

void set_elements(FactDocument& facts, const std::string& fact, Elements elements) {
  const std::string source = elements.files.empty() ? "no such config was given"
                                                    : fmt::format("{}", fmt::join(elements.files, ", "));
  facts.set(fact, std::move(elements.list), source);
}

void set_views(FactDocument& facts, const std::vector<ServingDocument>& documents,
               std::vector<ConfigProblem>& problems) {
  for (const ConfigView& view : config_views()) {
    Elements elements;
    for (const ServingDocument& document : documents) {
      for (const ConfigOrigin& origin : view.origins) {
        if (origin.document != document.kind) continue;
        if (auto element = config_element(view, origin, document, problems))
          elements.add(std::move(*element));
      }
    }
    set_elements(facts, view.fact, std::move(elements));
  }
}

Json to_json(const ConfigProblem& problem) {
  return {{"kind", problem.kind},
          {"place", problem.place},
          {"key", problem.key},
          {"expected", problem.expected.en},
          {"expected_zh", problem.expected.zh},
          {"found", problem.found}};
}

}  // namespace

std::vector<FactSpec> config_fact_specs() {
  std::vector<FactSpec> specs = {
      {.path = "config.files",
       .type_text = kFilesType,
       .unit = "",
       .doc = {"Serving configs that were read or asked for.", "已读取或指定的服务配置文件。"}},
      {.path = "config.problems",
       .type_text = kProblemsType,
       .unit = "",
       .doc = {"What is wrong with configs as documents: syntax, types, slips in names, duplicates.",
               "配置文件本身的问题：语法、类型、拼写、重复。"}},
      {.path = "config.rank_tables",
       .type_text = kRankTableType,
       .unit = "",
       .doc = {"Rank tables.", "rank table 文件。"}},
      {.path = "config.workloads",
       .type_text = kWorkloadType,
       .unit = "",
       .doc = {"Kubernetes workloads of the manifests.", "Kubernetes 清单中的工作负载。"}},
      {.path = "config.weights",
       .type_text = kWeightDirectoryType,
       .unit = "",
       .doc = {"Model directories: config.json, shards, permissions.",
               "模型目录：config.json、权重分片、权限。"}},
  };
  for (const ConfigView& view : config_views())
    specs.push_back({.path = view.fact, .type_text = view.type_text(), .unit = "", .doc = view.doc});
  return specs;
}

void set_config_facts(FactDocument& facts, const ConfigInputs& inputs) {
  std::vector<ConfigProblem> problems;
  std::vector<ServingDocument> documents;
  Json files = Json::array();
  for (const ConfigFile& file : inputs.files) {
    files.push_back({{"kind", file.kind},
                     {"file", file.file},
                     {"readable", static_cast<bool>(file.text)},
                     {"reason", file.text ? std::string() : file.text.reason()}});
    if (!file.text) continue;
    auto read = read_config_documents({file.kind, file.file, *file.text}, problems);
    std::move(read.begin(), read.end(), std::back_inserter(documents));
  }

  Elements rank_tables;
  Elements workloads;
  for (const ServingDocument& document : documents) {
    if (document.kind == "rank_table") rank_tables.add(rank_table_element(document));
    if (document.kind == "manifest") {
      if (auto element = workload_element(document)) workloads.add(std::move(*element));
    }
  }
  Elements weights;
  for (const std::filesystem::path& directory : inputs.weights)
    weights.add(weight_directory_element(directory));

  set_views(facts, documents, problems);
  set_elements(facts, "config.rank_tables", std::move(rank_tables));
  set_elements(facts, "config.workloads", std::move(workloads));
  set_elements(facts, "config.weights", std::move(weights));
  facts.set("config.files", std::move(files), "arguments and environment");
  Json all = Json::array();
  for (const ConfigProblem& problem : problems) all.push_back(to_json(problem));
  std::set<std::string> names;
  for (const ConfigFile& file : inputs.files) names.insert(file.file);
  facts.set("config.problems", std::move(all), fmt::format("{}", fmt::join(names, ", ")));
}

}  // namespace ms

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "facts/catalogue.hpp"
#include "facts/document.hpp"
#include "serving/serving_document.hpp"

namespace ms {

/// A config that was asked for, and its text or the reason why there is none.
struct ConfigFile {
  std::string kind;  ///< as of ConfigSource
  std::string file;
  Reading<std::string> text;
};

/// What is to be judged beside the host.
struct ConfigInputs {
  std::vector<ConfigFile> files;
  std::vector<std::filesystem::path> weights;  ///< model directories
};

/// The facts of the tree `config`: what set_config_facts sets, and their types.
std::vector<FactSpec> config_fact_specs();

/// Reads the configs into facts: config.files, config.problems and a list for each view, rank tables,
/// workloads and weights. All of them are there afterwards, empty lists where nothing was given. Nothing
/// throws: what cannot be read is among the problems.
void set_config_facts(FactDocument& facts, const ConfigInputs& inputs);

}  // namespace ms

#pragma once

#include "cli/host_source.hpp"
#include "probe/host.hpp"
#include "serving/config_facts.hpp"

namespace ms {

/// The configs that the arguments name, read. Throws InputError for a path that is not there; a file that is
/// there and cannot be read is among the inputs with its reason.
ConfigInputs given_configs(const ConfigArguments& arguments);

/// Adds what the host serves with: MindIE's config.json of $MIES_INSTALL_PATH or of the default installation
/// and the rank table of $RANK_TABLE_FILE, where they are. With `is_live` also the weights that the config
/// names.
void add_installed_configs(const Host& host, bool is_live, ConfigInputs& configs);

}  // namespace ms

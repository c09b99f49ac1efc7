#pragma once

#include "facts/document.hpp"
#include "profile/device_profile.hpp"

namespace ms::profile {

/// Puts what ran on the cards under `device`, as knowledge/facts.toml declares it. What no file gave is
/// absent, with the files that would give it; nothing at all is set for a run without device profiles.
void add_device_facts(const DeviceProfile& profile, FactDocument& facts);

}  // namespace ms::profile

#pragma once

#include "cel/environment.hpp"
#include "import/imported_pack.hpp"

namespace ms::import {

/// Moves the rules whose expressions do not compile here (a pattern with a look-ahead, a number that does not
/// fit, a type that cannot be compared) to what was left out. `facts` declares the facts.
void leave_out_what_does_not_compile(ImportedPack& pack, const cel::Environment& facts);

}  // namespace ms::import

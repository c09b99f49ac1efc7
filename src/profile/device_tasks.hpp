#pragma once

#include <string_view>

namespace ms::profile {

/// What a task on the device is, by the type that the profiler gives it and its name.
enum class TaskKind {
  kernel,
  copy,
  other,  ///< events, notifies, markers: they take no core
};
TaskKind task_kind(std::string_view type, std::string_view name);

/// What is known of a copy from the type of its task alone: "pcie" crosses to the host, "sdma" stays on
/// devices.
std::string_view copy_kind(std::string_view type);

/// The operation in the name of a collective: "hcom_allReduce__586_0_1" is "allReduce".
std::string_view collective_kind(std::string_view name);

/// Whether a collective of this kind ends when the last rank has come to it. From a root, to a root, and from
/// one rank to another a rank may go on before.
bool ends_on_all_together(std::string_view kind);

}  // namespace ms::profile

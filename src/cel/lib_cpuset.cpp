#include <fmt/format.h>

#include <algorithm>

#include "cel/cpu_list.hpp"
#include "cel/library.hpp"

namespace ms::cel {
namespace {

using Arguments = std::span<const Value>;
using Cpus = std::span<const std::int64_t>;

struct CpuSet : Opaque {
  Cpus cpus;  ///< rising
};

Cpus cpus_of(const Opaque& value) {
  return static_cast<const CpuSet&>(value).cpus;
}
Cpus cpus_of(const Value& value) {
  return cpus_of(value.as_opaque());
}

std::string set_text(const Opaque& value) {
  const Cpus cpus = cpus_of(value);
  return format_cpu_list({cpus.begin(), cpus.end()});
}

constexpr OpaqueType kCpuSetType = {
    .name = "cpuset",
    .equal = [](const Opaque& a, const Opaque& b) { return std::ranges::equal(cpus_of(a), cpus_of(b)); },
    .compare = nullptr,
    .to_text = set_text,
};

Value make_set(Cpus cpus, EvalContext& context) {
  if (!context.charge(cpus.size_bytes())) return context.limit_reached();
  CpuSet* const set = context.arena.make<CpuSet>();
  set->type = &kCpuSetType;
  set->cpus = context.arena.copy(cpus);
  return Value::opaque(*set);
}

Value set_of_text(Arguments args, EvalContext& context) {
  const auto cpus = parse_cpu_list(args[0].as_string());
  if (!cpus) {
    return context.invalid_argument(
        fmt::format("'{}' is not a CPU list (\"0-23,96-119\")", args[0].as_string().substr(0, 80)));
  }
  return make_set(*cpus, context);
}

Value set_of_list(Arguments args, EvalContext& context) {
  if (!context.charge(args[0].size() * sizeof(std::int64_t))) return context.limit_reached();
  std::vector<std::int64_t> cpus;
  for (std::size_t i = 0; i < args[0].size(); ++i) {
    const Value cpu = args[0].at(i);
    if (cpu.is_failure()) return cpu;
    if (!cpu.is(Kind::integer)) {
      return context.error(ErrorCode::no_such_overload,
                           fmt::format("cpuset() takes a list of ints, not of {}", type_name(cpu.kind())));
    }
    cpus.push_back(cpu.as_int());
  }
  std::sort(cpus.begin(), cpus.end());
  cpus.erase(std::unique(cpus.begin(), cpus.end()), cpus.end());
  return make_set(cpus, context);
}

// One of the algorithms of the standard library on two sorted ranges.
template <class Algorithm>
Value combined(Arguments args, EvalContext& context, Algorithm algorithm) {
  const Cpus a = cpus_of(args[0]);
  const Cpus b = cpus_of(args[1]);
  if (!context.charge((a.size() + b.size()) * sizeof(std::int64_t))) return context.limit_reached();
  std::vector<std::int64_t> result;
  algorithm(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(result));
  return make_set(result, context);
}

Value intersect(Arguments args, EvalContext& context) {
  return combined(args, context, [](auto... parts) { std::set_intersection(parts...); });
}
Value without(Arguments args, EvalContext& context) {
  return combined(args, context, [](auto... parts) { std::set_difference(parts...); });
}
Value join(Arguments args, EvalContext& context) {
  return combined(args, context, [](auto... parts) { std::set_union(parts...); });
}

Value contains_cpu(Arguments args, EvalContext&) {
  const Cpus cpus = cpus_of(args[0]);
  return Value::boolean(std::binary_search(cpus.begin(), cpus.end(), args[1].as_int()));
}
Value contains_set(Arguments args, EvalContext& context) {
  const Cpus cpus = cpus_of(args[0]);
  if (!context.step(1 + cpus.size() / 16)) return context.limit_reached();
  return Value::boolean(std::ranges::includes(cpus, cpus_of(args[1])));
}

Value count(Arguments args, EvalContext&) {
  return Value::integer(static_cast<std::int64_t>(cpus_of(args[0]).size()));
}

Value to_list(Arguments args, EvalContext& context) {
  const Cpus cpus = cpus_of(args[0]);
  if (!context.charge(cpus.size() * sizeof(Value))) return context.limit_reached();
  const std::span<Value> elements = context.arena.array<Value>(cpus.size());
  std::transform(cpus.begin(), cpus.end(), elements.begin(), Value::integer);
  return Value::list(elements);
}

Value to_string(Arguments args, EvalContext& context) {
  return context.string(set_text(args[0].as_opaque()));
}

constexpr FunctionEntry kEntries[] = {
    {"cpuset(string) -> cpuset", "The CPUs of a list as Linux writes it.",
     "cpuset('0-2,8') == cpuset([0, 1, 2, 8])", set_of_text},
    {"cpuset(list(int)) -> cpuset", "The CPUs of these numbers, each once.",
     "string(cpuset([8, 0, 1, 2])) == '0-2,8'", set_of_list},
    {"cpuset.count() -> int", "How many CPUs there are.", "cpuset('0-23,96-119').count() == 48", count},
    {"cpuset.contains(int) -> bool", "Whether this CPU is one of them.", "cpuset('0-23').contains(7)",
     contains_cpu},
    {"cpuset.contains(cpuset) -> bool", "Whether all of these CPUs are.",
     "cpuset('0-23').contains(cpuset('4,6'))", contains_set},
    {"cpuset.intersect(cpuset) -> cpuset", "The CPUs that are in both.",
     "cpuset('0-23,96-119').intersect(cpuset('20-99')).count() == 8", intersect},
    {"cpuset.union(cpuset) -> cpuset", "The CPUs that are in either.",
     "cpuset('0-3').union(cpuset('4-7')) == cpuset('0-7')", join},
    {"cpuset.without(cpuset) -> cpuset", "The CPUs that are not in the other one.",
     "cpuset('0-7').without(cpuset('2-3')) == cpuset('0-1,4-7')", without},
    {"cpuset.list() -> list(int)", "Their numbers, rising.", "cpuset('0-2,8').list() == [0, 1, 2, 8]",
     to_list},
    {"string(cpuset) -> string", "The list as Linux writes it.", "string(cpuset('2,0,1')) == '0-2'",
     to_string},
};

}  // namespace

std::span<const FunctionEntry> cpuset_functions() {
  return kEntries;
}

}  // namespace ms::cel

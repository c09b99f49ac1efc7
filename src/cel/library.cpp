#include "cel/library.hpp"

#include <array>

namespace ms::cel {
namespace {

// What the evaluator does itself, for the documentation only.
constexpr FunctionDoc kLanguage[] = {
    {"operators", "a == b, a != b", "Equality. Numbers are equal by value, whatever their type.",
     "[1, 2] == [1, 2]"},
    {"operators", "a < b, a <= b, a > b, a >= b",
     "Order of numbers of any type, strings, bytes, bools, times, durations and versions.",
     "1 < 2 && 'a' < 'b'"},
    {"operators", "a + b", "Sum; concatenation of strings, bytes and lists; a time or duration later.",
     "'a' + 'b' == 'ab'"},
    {"operators", "a - b, a * b, a / b, a % b, -a",
     "Arithmetic on two ints, two uints or two doubles. A result that does not fit is an error.",
     "7 / 2 == 3"},
    {"operators", "a && b, a || b, !a",
     "Logic in any order: false && x is false and true || x is true, even where x is unknown or an error.",
     "true || 1 / 0 > 0"},
    {"operators", "c ? a : b", "a where c is true, otherwise b.", "(1 < 2 ? 'yes' : 'no') == 'yes'"},
    {"operators", "a in b", "Whether a list has this element, or a map this key.", "2 in [1, 2]"},
    {"operators", "a.b, a['b']", "A field of a record or a member of a map.", "{'b': 1}.b == 1"},
    {"operators", "a[i]", "An element of a list, counted from 0.", "[7, 8][1] == 8"},
    {"operators", "a.?b, a[?b]", "The same as an optional: none where there is no such member.",
     "{'b': 1}.?c.orValue(0) == 0"},
    {"operators", "[?a], {?k: v}", "An element or entry that is left out where the optional is none.",
     "[1, ?optional.none()] == [1]"},
    {"macros", "has(a.b)", "Whether a map has this member.", "has({'b': 1}.b)"},
    {"macros", "list.all(x, condition)",
     "Whether the condition holds for every element; for a map, every key.", "[1, 2].all(x, x > 0)"},
    {"macros", "list.exists(x, condition)", "Whether it holds for at least one.", "[1, 2].exists(x, x > 1)"},
    {"macros", "list.exists_one(x, condition)", "Whether it holds for exactly one.",
     "[1, 2].exists_one(x, x > 1)"},
    {"macros", "list.filter(x, condition)", "The elements for which it holds.",
     "[1, 2, 3].filter(x, x > 1) == [2, 3]"},
    {"macros", "list.map(x, value)", "A value for every element.", "[1, 2].map(x, x * 2) == [2, 4]"},
    {"macros", "list.map(x, condition, value)", "A value for every element for which the condition holds.",
     "[1, 2].map(x, x > 1, x * 2) == [4]"},
    {"macros", "list.all(i, x, condition), map.all(k, v, condition)",
     "The same with index and element, or key and value. So for exists and existsOne.",
     "{'a': 1}.all(k, v, k == 'a' && v == 1)"},
    {"macros", "list.transformList(i, x, value)", "A list of values; a condition may stand before the value.",
     "['a', 'b'].transformList(i, x, x + string(i)) == ['a0', 'b1']"},
    {"macros", "map.transformMap(k, v, value)",
     "The map with other values; a condition may stand before the value.",
     "{'a': 1}.transformMap(k, v, v + 1) == {'a': 2}"},
    {"macros", "map.transformMapEntry(k, v, {key: value})", "A map of other entries.",
     "{'a': 1}.transformMapEntry(k, v, {v: k}) == {1: 'a'}"},
    {"macros", "list.sortBy(x, key)", "The elements in the order of their keys.",
     "['bb', 'a'].sortBy(x, size(x)) == ['a', 'bb']"},
    {"macros", "cel.bind(name, value, expression)", "The expression with a name for a value.",
     "cel.bind(x, 2, x * x) == 4"},
    {"macros", "optional.optMap(x, value)", "An optional of the value, none where it is none.",
     "optional.of(2).optMap(x, x * 2).value() == 4"},
    {"macros", "optional.optFlatMap(x, optional)", "The same for a value that is an optional itself.",
     "optional.of({'a': 1}).optFlatMap(x, x.?a).value() == 1"},
};

// The types that operators take. Their evaluation is in operators.cpp.
constexpr FunctionEntry kOperators[] = {
    {"_+_(int, int) -> int", {}, {}},
    {"_+_(uint, uint) -> uint", {}, {}},
    {"_+_(double, double) -> double", {}, {}},
    {"_+_(string, string) -> string", {}, {}},
    {"_+_(bytes, bytes) -> bytes", {}, {}},
    {"_+_(list(A), list(A)) -> list(A)", {}, {}},
    {"_+_(timestamp, duration) -> timestamp", {}, {}},
    {"_+_(duration, timestamp) -> timestamp", {}, {}},
    {"_+_(duration, duration) -> duration", {}, {}},
    {"_-_(int, int) -> int", {}, {}},
    {"_-_(uint, uint) -> uint", {}, {}},
    {"_-_(double, double) -> double", {}, {}},
    {"_-_(timestamp, timestamp) -> duration", {}, {}},
    {"_-_(timestamp, duration) -> timestamp", {}, {}},
    {"_-_(duration, duration) -> duration", {}, {}},
    {"_*_(int, int) -> int", {}, {}},
    {"_*_(uint, uint) -> uint", {}, {}},
    {"_*_(double, double) -> double", {}, {}},
    {"_/_(int, int) -> int", {}, {}},
    {"_/_(uint, uint) -> uint", {}, {}},
    {"_/_(double, double) -> double", {}, {}},
    {"_%_(int, int) -> int", {}, {}},
    {"_%_(uint, uint) -> uint", {}, {}},
    {"-_(int) -> int", {}, {}},
    {"-_(double) -> double", {}, {}},
    {"!_(bool) -> bool", {}, {}},
    {"_<_(int, int) -> bool", {}, {}},
    {"_<_(uint, uint) -> bool", {}, {}},
    {"_<_(double, double) -> bool", {}, {}},
    {"_<_(int, uint) -> bool", {}, {}},
    {"_<_(int, double) -> bool", {}, {}},
    {"_<_(uint, int) -> bool", {}, {}},
    {"_<_(uint, double) -> bool", {}, {}},
    {"_<_(double, int) -> bool", {}, {}},
    {"_<_(double, uint) -> bool", {}, {}},
    {"_<_(string, string) -> bool", {}, {}},
    {"_<_(bytes, bytes) -> bool", {}, {}},
    {"_<_(bool, bool) -> bool", {}, {}},
    {"_<_(timestamp, timestamp) -> bool", {}, {}},
    {"_<_(duration, duration) -> bool", {}, {}},
    {"_<_(version, version) -> bool", {}, {}},
};

struct Section {
  std::string_view name;
  std::span<const FunctionEntry> (*entries)();
};

constexpr std::array kSections = {
    Section{"conversions", conversion_functions},
    Section{"strings", string_functions},
    Section{"format", format_functions},
    Section{"math", math_functions},
    Section{"time", time_functions},
    Section{"lists", list_functions},
    Section{"optionals", optional_functions},
    Section{"encoding", encoding_functions},
    Section{"network", network_functions},
    Section{"facts", fact_functions},
    Section{"CPU sets", cpuset_functions},
    Section{"documents", document_functions},
};

}  // namespace

const FunctionTable& standard_functions() {
  static const FunctionTable* const table = [] {
    auto* const made = new FunctionTable;  // never deleted: programs may outlive everything else
    for (const FunctionEntry& entry : kOperators) made->add(entry);
    for (const Section& section : kSections) {
      for (const FunctionEntry& entry : section.entries()) made->add(entry);
    }
    return made;
  }();
  return *table;
}

std::span<const FunctionDoc> function_docs() {
  static const std::vector<FunctionDoc> docs = [] {
    std::vector<FunctionDoc> made(std::begin(kLanguage), std::end(kLanguage));
    for (const Section& section : kSections) {
      for (const FunctionEntry& entry : section.entries()) {
        made.push_back({section.name, entry.signature, entry.summary, entry.example});
      }
    }
    return made;
  }();
  return docs;
}

}  // namespace ms::cel

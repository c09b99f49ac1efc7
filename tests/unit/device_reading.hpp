#pragma once

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "profile/device_facts.hpp"
#include "profile/input.hpp"
#include "profile/run.hpp"
#include "support/temporary_folder.hpp"

// Device profiles as tests read them.
namespace ms::test {

using profile::FileReport;
using profile::Run;

/// A file of a profile.
struct File {
  std::string name;
  std::string text;
};

/// What was read of files, and the facts below `device` that follow.
struct Result {
  Run run;
  std::vector<FileReport> reports;
  FactDocument facts;

  const Json& fact(const std::string& path) const {
    const Json* value = facts.find("device." + path);
    REQUIRE_MESSAGE(value != nullptr, path);
    return *value;
  }
  double number(const std::string& path) const { return fact(path).get<double>(); }
  std::string absent(const std::string& path) const { return absent_reason(fact(path)).value_or("present"); }
};

/// Reads files one by one, from memory.
inline Result read(const std::vector<File>& files) {
  Result result;
  for (const File& file : files) result.reports.push_back(read_text(file.name, file.text, result.run));
  add_device_facts(result.run.device, result.facts);
  return result;
}

/// A tree of files below a folder, read as `msadvisor profile` does.
inline Result read_folder(const std::vector<File>& files) {
  const TemporaryFolder folder;
  for (const File& file : files) folder.write(file.name, file.text);
  Result result;
  result.reports = read_profiles(folder.path(), result.run).files;
  add_device_facts(result.run.device, result.facts);
  return result;
}

/// The entry of a list whose member has that value.
inline const Json& entry(const Json& list, const char* member, const Json& value) {
  for (const Json& one : list) {
    if (one[member] == value) return one;
  }
  FAIL("no entry with " << member << " " << value);
  return list;
}

}  // namespace ms::test

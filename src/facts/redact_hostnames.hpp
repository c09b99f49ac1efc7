#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "facts/document.hpp"

namespace ms {

/// Puts placeholders in the place of what names a machine: its host names and every IP address become
/// "redacted-host-1", "redacted-ip-1" and so on, the same one wherever the same name occurs. Loopback and
/// "any" addresses stay, as does what is no address for all its dots: a version, a PCI bus id.
class HostnameRedactor {
 public:
  /// The host names are those in host.name and in the variables HOSTNAME, HOST and NODE_NAME.
  explicit HostnameRedactor(const FactDocument& facts);

  /// `text` with its placeholders. Numbers are given in order of first occurrence.
  std::string operator()(std::string_view text);

 private:
  std::string without_names(std::string_view text) const;
  std::string without_addresses(const std::string& text);

  std::vector<std::pair<std::string, std::string>> names_;  // in lower case, longest first; with placeholder
  std::map<std::string, std::string> addresses_;            // with placeholder
};

/// Applies it to all values, reasons and provenances of a document, and to the texts of `readings`, the JSON
/// of a record, where it is given. Versions and releases are left alone.
void redact_hostnames(FactDocument& facts, Json* readings = nullptr);

}  // namespace ms

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cel/explanation.hpp"

namespace ms {

/// A part of a document or a variable that an expression read.
struct Read {
  std::string path;   ///< "document.mies_config.ServerConfig.tokenTimeout", "env.A"
  std::string value;  ///< as a person reads it; "not set" for what is not there
};

/// What an expression read of documents and of the environment by `.at("path")`, members and indices, each
/// place once, in the order of reading.
std::vector<Read> reads_of(const cel::Explanation& explanation);

/// Whether an expression may read in that way, so that it is worth explaining.
bool reads_documents(std::string_view expression);

/// The path that an expression is; empty when it computes something.
std::string read_path(std::string_view expression);

}  // namespace ms

#pragma once

#include "base/json.hpp"
#include "serving/config_view.hpp"

namespace ms {

/// The type of the elements of the fact config.rank_tables.
inline constexpr const char* kRankTableType =
    "list<{role: string, file: string, places: map<string>, version: string, status: string, "
    "server_count: int, servers: list<{id: string, ip: string, place: string, device_count: int}>, "
    "devices: list<{server: string, id: string, ip: string, rank: int, place: string}>, "
    "missing_ranks: list<int>, duplicate_ranks: list<string>, duplicate_ips: list<string>, "
    "duplicate_devices: list<string>, duplicate_servers: list<string>, bad_addresses: list<string>}>";

/// A rank table as rules see it, of any of the published layouts: `server_list`; the groups of MindIE's
/// global table; the prefill and decode lists of vLLM. What is listed as duplicate or bad names its line.
/// Ranks are counted where they are those of one job: not across the groups of a global table. Source: HCCL,
/// rank table versions 1.0 and 1.2.
Json rank_table_element(const ServingDocument& document);

}  // namespace ms

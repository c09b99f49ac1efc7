#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "plan/binding.hpp"

/// Checks what holds of every plan: nobody shares a CPU, a process is inside one node, all CPUs may be used,
/// and siblings that may be used are together.
inline void check_plan(const ms::BindRequest& request, const ms::BindPlan& plan) {
  std::set<std::int64_t> taken;
  std::vector<ms::CpuList> purposes = {plan.os_cpus};
  const auto in_node = [&](std::int64_t id, const ms::CpuList& cpus) {
    const auto node = std::find_if(request.nodes.begin(), request.nodes.end(),
                                   [&](const ms::BindNode& n) { return n.id == id; });
    REQUIRE(node != request.nodes.end());
    CHECK(std::includes(node->cpus.begin(), node->cpus.end(), cpus.begin(), cpus.end()));
    purposes.push_back(cpus);
  };
  CHECK(plan.workers.size() == request.npus.size());
  CHECK(plan.services.size() == static_cast<std::size_t>(request.instances));
  for (const ms::BindWorker& worker : plan.workers) {
    CHECK_FALSE(worker.cpus.empty());
    in_node(worker.node, worker.cpus);
    in_node(worker.node, worker.irq_cpus);
  }
  for (const ms::BindService& service : plan.services) {
    CHECK_FALSE(service.cpus.empty());
    in_node(service.node, service.cpus);
  }
  int shared_cpus = 0;
  int parted_cores = 0;
  for (const ms::CpuList& cpus : purposes) {
    CHECK(std::includes(request.usable.begin(), request.usable.end(), cpus.begin(), cpus.end()));
    for (const std::int64_t cpu : cpus) shared_cpus += taken.insert(cpu).second ? 0 : 1;
    const std::set<std::int64_t> given(cpus.begin(), cpus.end());
    for (const ms::CpuList& core : request.shared_cores) {
      std::size_t usable = 0;
      std::size_t ours = 0;
      for (const std::int64_t cpu : core) {
        usable += std::binary_search(request.usable.begin(), request.usable.end(), cpu) ? 1 : 0;
        ours += given.contains(cpu) ? 1 : 0;
      }
      parted_cores += ours == 0 || ours == usable ? 0 : 1;
    }
  }
  CHECK(shared_cpus == 0);
  CHECK(parted_cores == 0);
}

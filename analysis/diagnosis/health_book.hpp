// Health checks of a run in one place: the servers that are checked, what is wrong with those found
// unhealthy, which of those found healthy do not serve, and who answers for what was refused for
// want of a server.
#pragma once

#include <map>
#include <vector>

#include "analysis/diagnosis/checked_servers.hpp"
#include "analysis/diagnosis/dead_servers.hpp"
#include "analysis/diagnosis/health_verdict.hpp"

namespace elblab::diagnosis {

struct HealthBook {
  std::vector<CheckedServer> servers;
  std::vector<HealthVerdict> verdicts;  // in the order of servers
  // Of what was refused because no server of a group was in service, the share of each cause that
  // took its servers out, 0 … 1 per column. What is left is not health's.
  std::map<language::CauseId, Curve> of_no_server;

  const CheckedServer* server(const std::string& name) const;
  // Unhealthy, flapping, or healthy without serving.
  bool is_abnormal(const CheckedServer& server) const;
  std::size_t abnormal() const;
  // 1 where a check had taken it out, or had not found it healthy yet; empty: nobody checks it.
  Curve away(const std::string& server) const;
};

// Dead servers that stay in service because a check does not see it get that cause as
// DeadServer::blamed.
HealthBook read_health(const Observations& seen, const SessionBook& sessions,
                       std::vector<DeadServer>& dead, const std::map<std::string, Curve>& busy);

}  // namespace elblab::diagnosis

// Builds the scenario of a stateful replay in memory: the hosts around a balancer, and a workload
// of conversations for each listener that the capture's servers are mapped onto.
//
// Client i of the capture (in the order of appearance) plays from the i-th address of one client
// host; beyond kMostClients addresses are shared.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cli/captures/balancer_setting.hpp"
#include "cli/captures/server_mapper.hpp"
#include "models/workload/conversation_script.hpp"
#include "pcap/conversations/script.hpp"
#include "scenarios/language/scenario.hpp"

namespace elblab::cli {

inline constexpr std::uint32_t kMostClients = 4096;

struct StatefulScenario {
  language::Scenario scenario;
  std::string client_host;
  std::vector<std::shared_ptr<workload::ConversationTally>> tallies;  // per workload
  std::vector<ServerMapping> mappings;                                // most conversations first
  pcap::ScriptAdaptations adaptations;
  std::uint64_t not_mapped = 0;                             // conversations
  std::map<workload::ConversationEnd, std::uint64_t> ends;  // of TCP conversations, as captured
};

// rules: captured endpoint -> name of the listener. Precondition: the names exist.
StatefulScenario build_stateful_scenario(const BalancerSetting& setting,
                                         const pcap::Conversations& conversations,
                                         const std::map<net::Endpoint, std::string>& rules);

}  // namespace elblab::cli

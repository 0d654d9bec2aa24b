// Builds the scenario of a stateful replay in memory: the hosts around a balancer, and a workload
// of conversations for each listener that the capture's servers are mapped onto.
//
// Captured servers go to listeners by rule; without any rule to the listener of their protocol that
// has their port, else to the only listener of their protocol. Client i of the capture (in the
// order of appearance) plays from the i-th address of one client host; beyond kMostClients
// addresses are shared.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/workload/conversation_script.hpp"
#include "pcap/conversations/conversation.hpp"
#include "pcap/conversations/script.hpp"
#include "scenarios/language/scenario.hpp"

namespace elblab::cli {

inline constexpr std::uint32_t kMostClients = 4096;

// A balancer with the hosts it needs; of a scenario file those of the file (its first run), with
// overrides applied.
struct BalancerSetting {
  language::Scenario scenario;      // no workloads
  language::HostSpec client;        // what the client host is like; also in the scenario
  std::vector<std::string> errors;  // empty: good
};
BalancerSetting load_balancer_setting(const std::filesystem::path& path,
                                      const std::vector<std::string>& settings);

// Where the conversations with one captured server went.
struct ServerMapping {
  net::Endpoint captured;
  net::Protocol protocol = net::Protocol::tcp;
  std::uint64_t conversations = 0;
  std::optional<std::uint32_t> workload;  // nullopt: not played
  std::string reason;                     // "by rule", "by port", "the only tcp listener"
};

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

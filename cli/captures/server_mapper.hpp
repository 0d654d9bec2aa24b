// Finds for each captured server the listener of a balancer that takes its place.
//
// By rule; without any rule the listener of its protocol that has its port, else the only listener
// of its protocol. With rules, servers without one are not played.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/config/load_balancer.hpp"
#include "pcap/conversations/conversation.hpp"

namespace elblab::cli {

// Where the conversations with one captured server went.
struct ServerMapping {
  net::Endpoint captured;
  net::Protocol protocol = net::Protocol::tcp;
  std::uint64_t conversations = 0;
  std::optional<std::uint32_t> workload;  // nullopt: not played
  std::string reason;                     // "by rule", "by port", "the only tcp listener"
};

class ServerMapper {
 public:
  // rules: captured endpoint -> name of a listener. All must outlive the mapper.
  ServerMapper(const config::LoadBalancer& balancer, const pcap::Conversations& conversations,
               const std::map<net::Endpoint, std::string>& rules)
      : balancer_(balancer), conversations_(conversations), rules_(rules) {}

  // What one workload asks: a port of a listener.
  struct Target {
    const config::Listener* listener = nullptr;
    std::uint16_t port = 0;
    friend bool operator==(const Target&, const Target&) = default;
  };

  // The index of the target of a conversation, pcap::kNoTarget: none. Targets are numbered in the
  // order in which they are first asked for. O(log servers).
  std::uint32_t target_of(const pcap::Conversation& conversation);
  const std::vector<Target>& targets() const { return targets_; }
  // Of all servers asked for, those of most conversations first.
  std::vector<ServerMapping> mappings() const;

 private:
  void decide(const pcap::Conversation& conversation, ServerMapping& mapping);
  const config::Listener* choose(ServerMapping& mapping) const;
  const config::Listener* choose_by_rule(ServerMapping& mapping) const;
  std::vector<const config::Listener*> of_protocol(net::Protocol protocol) const;

  const config::LoadBalancer& balancer_;
  const pcap::Conversations& conversations_;
  const std::map<net::Endpoint, std::string>& rules_;
  std::map<std::pair<std::uint32_t, net::Protocol>, ServerMapping> mappings_;
  std::vector<Target> targets_;
};

}  // namespace elblab::cli

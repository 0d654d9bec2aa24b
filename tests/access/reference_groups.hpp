// Security groups by their rules alone, looking at every flow they ever let in. TCP and UDP only.
#pragma once

#include <list>
#include <utility>
#include <vector>

#include "models/access/flow_tracker.hpp"
#include "tests/access/reference_rules.hpp"

namespace elblab::access {

class ReferenceGroups {
 public:
  ReferenceGroups(std::vector<config::PacketRule> in, std::vector<config::PacketRule> out,
                  const TrackingLimits& limits)
      : in_(std::move(in)), out_(std::move(out)), limits_(limits) {}

  bool admits(const net::PacketView& packet, bool inwards, Instant now) {
    flows_.remove_if([&](const Flow& flow) { return now - flow.last >= life(flow); });
    for (auto flow = flows_.begin(); flow != flows_.end(); ++flow) {
      const bool there = packet.flow() == flow->flow;
      if (!there && packet.flow().reversed() != flow->flow) continue;
      const bool tcp = packet.protocol() == net::Protocol::tcp;
      const bool syn = tcp && (packet.tcp_flags() & (kSyn | kAck)) == kSyn;
      if (syn && over(*flow)) {
        flows_.erase(flow);
        break;
      }
      note(*flow, packet, there, now);
      return true;
    }
    const bool allowed = first_match_by_scan(inwards ? in_ : out_, packet).has_value();
    const bool reset = packet.protocol() == net::Protocol::tcp && (packet.tcp_flags() & kRst) != 0;
    if (!allowed || !packet.has_ports() || reset) return allowed;
    if (flows_.size() >= limits_.flows) return false;
    note(flows_.emplace_back(Flow{packet.flow()}), packet, true, now);
    return true;
  }

 private:
  static constexpr std::uint8_t kFin = net::tcp_flag::fin;
  static constexpr std::uint8_t kSyn = net::tcp_flag::syn;
  static constexpr std::uint8_t kRst = net::tcp_flag::rst;
  static constexpr std::uint8_t kAck = net::tcp_flag::ack;

  struct Flow {
    net::FlowKey flow;
    Instant last{};
    bool answered = false;
    bool fin_there = false;
    bool fin_back = false;
    bool reset = false;
  };
  static bool over(const Flow& flow) { return flow.reset || (flow.fin_there && flow.fin_back); }
  static void note(Flow& flow, const net::PacketView& packet, bool there, Instant now) {
    flow.last = now;
    if (!there) flow.answered = true;
    if (packet.protocol() != net::Protocol::tcp || over(flow)) return;
    if (packet.tcp_flags() & kRst) flow.reset = true;
    if (packet.tcp_flags() & kFin) (there ? flow.fin_there : flow.fin_back) = true;
  }
  Duration life(const Flow& flow) const {
    if (flow.flow.protocol != net::Protocol::tcp) {
      return flow.answered ? limits_.both_ways : limits_.one_way;
    }
    if (over(flow)) return limits_.tcp_closed;
    if (flow.fin_there || flow.fin_back) return limits_.tcp_closing;
    return flow.answered ? limits_.tcp_established : limits_.tcp_opening;
  }

  std::vector<config::PacketRule> in_;
  std::vector<config::PacketRule> out_;
  TrackingLimits limits_;
  std::list<Flow> flows_;
};

}  // namespace elblab::access

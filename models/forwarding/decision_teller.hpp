// Tells a recorder what the schedulers of a node decide: the servers by what they record as, of
// which flow, and when. Of a large group the servers that came nearest (telemetry::kMostWeighed).
//
// To explain a decision costs a look at every server. Among up to kAlwaysTold of them every
// decision is explained, as its connection may yet be kept for what becomes of it; among more only
// those of connections that are sure to be kept.
#pragma once

#include <cstdint>
#include <vector>

#include "models/forwarding/server_directory.hpp"
#include "models/scheduling/decision.hpp"
#include "models/telemetry/recorder.hpp"

namespace elblab::forwarding {

class DecisionTeller final : public scheduling::DecisionObserver {
 public:
  static constexpr std::size_t kAlwaysTold = 32;

  // object: the node. All must outlive the teller.
  DecisionTeller(const ServerDirectory& servers, telemetry::Recorder& recorder,
                 telemetry::ObjectId object)
      : servers_(servers), recorder_(recorder), object_(object) {}

  // What is decided next is for this flow.
  void next_is_for(const net::FlowKey& flow, std::uint16_t group, Instant now);
  bool wants_next(std::size_t servers) override {
    return servers <= kAlwaysTold || recorder_.keeps_decisions_of(record_.flow);
  }
  // O(servers), and no allocation once it knows a group of that size.
  void decided(const scheduling::Decision& decision) override;

 private:
  telemetry::WeighedServer told(const scheduling::Weighed& weighed) const;
  // Of too many: the places of those that are kept, in order.
  void choose_nearest(const scheduling::Decision& decision);

  const ServerDirectory& servers_;
  telemetry::Recorder& recorder_;
  telemetry::ObjectId object_;
  std::uint16_t group_ = 0;
  telemetry::DecisionRecord record_;
  std::vector<std::uint16_t> places_;  // of candidates
};

}  // namespace elblab::forwarding

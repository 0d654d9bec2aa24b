// A host that runs ns-3's own Internet stack: the independent peer of the host model.
//
// IPv4, one address, a default route over its one link, ns-3's TCP as it comes (its differences
// from Linux: linux-host.md). Applications and their timer are as on a model host.
#pragma once

#include <ns3/application.h>

#include "sim/application_set.hpp"
#include "sim/ns3_sockets.hpp"
#include "sim/simulated_host.hpp"

namespace elblab::sim {

class Ns3Host final : public ns3::Application, public SimulatedHost, private Deadlines {
 public:
  // Installs the stack on the node. next_hop: whom the default route goes to. first_stream: the
  // stack's ns-3 random streams are numbered from here.
  Ns3Host(const ns3::Ptr<ns3::Node>& node, const ns3::Ptr<ns3::NetDevice>& device,
          const net::IpAddress& address, const net::IpAddress& next_hop, std::int64_t first_stream);
  ~Ns3Host() override;

  host::Sockets& sockets() override { return sockets_; }
  const host::HostCounters& counters() const override { return sockets_.counters(); }
  void add(workload::Application& application) override { applications_.add(application); }
  void touched() override { applications_.rearm(); }
  void finish(Instant) override {}
  bool is_model() const override { return false; }
  std::optional<std::string> lacks_sysctl(const host::SysctlEntry&) const override;
  Expected<void> set_sysctl(const host::SysctlEntry& entry, std::int64_t) override {
    return Error{*lacks_sysctl(entry)};
  }

 private:
  void StartApplication() override { applications_.start(); }
  Instant next_deadline() const override { return kNever; }  // ns-3's stack has its own events
  void advance(Instant) override {}

  Ns3Sockets sockets_;
  ApplicationSet applications_;
};

}  // namespace elblab::sim

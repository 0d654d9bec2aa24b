// A model host on an ns-3 node that has no Internet stack: its link, its timer, its applications.
#pragma once

#include <ns3/application.h>

#include "sim/application_set.hpp"
#include "sim/link.hpp"
#include "sim/simulated_host.hpp"

namespace elblab::sim {

class HostApplication final : public ns3::Application,
                              public SimulatedHost,
                              public PacketSink,
                              private Deadlines,
                              private net::PacketOutput {
 public:
  // link and recorder must outlive the application.
  HostApplication(host::HostOptions options, const random::Stream& stream,
                  telemetry::Recorder& recorder, Link& link);
  ~HostApplication() override;

  host::Sockets& sockets() override { return host_; }
  const host::HostCounters& counters() const override { return host_.counters(); }
  void add(workload::Application& application) override { applications_.add(application); }
  void touched() override { applications_.rearm(); }
  void finish(Instant now) override { host_.finish(now); }
  bool is_model() const override { return true; }
  std::optional<std::string> lacks_sysctl(const host::SysctlEntry&) const override {
    return std::nullopt;
  }
  Expected<void> set_sysctl(const host::SysctlEntry& entry, std::int64_t value) override {
    host_.set_sysctl(entry, value);
    return {};
  }

  void arrive(std::span<std::uint8_t> packet) override;

 private:
  void StartApplication() override { applications_.start(); }
  Instant next_deadline() const override { return host_.next_deadline(); }
  void advance(Instant now) override { host_.advance(now); }
  void send(std::span<const std::uint8_t> packet) override { link_.send(End::first, packet); }

  Link& link_;
  host::Host host_;
  ApplicationSet applications_;
};

}  // namespace elblab::sim

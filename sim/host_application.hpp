// A model host on an ns-3 node: its link, its timer, and the applications that use its sockets.
//
// One lazy timer serves the host and all its applications. At a deadline the host goes first, then
// the applications in the order they were added.
#pragma once

#include <ns3/application.h>

#include <memory>
#include <vector>

#include "models/host/host.hpp"
#include "models/workload/application.hpp"
#include "sim/lazy_timer.hpp"
#include "sim/link.hpp"

namespace elblab::sim {

class HostApplication final : public ns3::Application,
                              public PacketSink,
                              private net::PacketOutput {
 public:
  // link and recorder must outlive the application.
  HostApplication(host::HostOptions options, const random::Stream& stream,
                  telemetry::Recorder& recorder, Link& link);
  ~HostApplication() override;

  host::Host& host() { return host_; }
  const host::Host& host() const { return host_; }
  // Before the run. Applications start when the simulation does.
  void add(workload::Application& application) { applications_.push_back(&application); }
  // Someone outside (the timeline) used the host: its deadlines may have moved.
  void touched() { rearm(); }

  void arrive(std::span<std::uint8_t> packet) override;

 private:
  void StartApplication() override;
  void send(std::span<const std::uint8_t> packet) override { link_.send(End::host, packet); }
  void advance_due();
  void rearm();

  Link& link_;
  host::Host host_;
  std::vector<workload::Application*> applications_;
  LazyTimer timer_;
};

}  // namespace elblab::sim

// What the host reports: drops with their reason, and the telemetry of host.hpp.
#pragma once

#include "models/host/host.hpp"

namespace elblab::host {

class HostLog {
 public:
  HostLog(telemetry::ObjectId object, bool record_connections, HostCounters& counters,
          telemetry::Recorder& recorder)
      : object_(object),
        record_connections_(record_connections),
        counters_(counters),
        recorder_(recorder) {}

  // Counts a received packet as dropped and records the event.
  void drop(telemetry::Reason reason, const net::FlowKey& flow, Instant now) {
    ++counters_.dropped[static_cast<std::size_t>(reason)];
    event(telemetry::EventKind::packet_dropped, reason, flow, now);
  }
  void event(telemetry::EventKind kind, telemetry::Reason reason, const net::FlowKey& flow,
             Instant now) {
    telemetry::Event e;
    e.at = now;
    e.kind = kind;
    e.reason = reason;
    e.object = object_;
    e.flow = flow;
    recorder_.record(e);
  }
  // Fills in the object.
  void connection(telemetry::ConnectionRecord& record) {
    if (!record_connections_) return;
    record.object = object_;
    recorder_.record(record);
  }

 private:
  telemetry::ObjectId object_;
  bool record_connections_;
  HostCounters& counters_;
  telemetry::Recorder& recorder_;
};

}  // namespace elblab::host

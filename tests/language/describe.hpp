// Every value of a scenario in one text, apart from the texts it was read from: independent of the
// language's own writer, so that two scenarios can be compared.
#pragma once

#include <sstream>
#include <string>

#include "models/host/sysctls.hpp"
#include "scenarios/language/scenario.hpp"

namespace elblab::language::testing {

class Describer {
 public:
  std::string text(const Scenario& s) {
    out_.precision(17);
    add(s.id, s.run, s.run_title, s.title, s.profile, s.duration.count(),
        s.sample_interval.count());
    for (const auto& row : s.exercises) add(row);
    for (const auto& measure : s.curves) add(measure.to_string());
    for (const HostSpec& host : s.hosts) add_host(host);
    for (const config::LoadBalancer& balancer : s.balancers) add_balancer(balancer);
    for (const WorkloadSpec& workload : s.workloads) add_workload(workload);
    for (const TimelineEntry& e : s.timeline) {
      add(e.at.time_since_epoch().count(), static_cast<int>(e.action), e.target, e.name, e.value,
          e.number);
    }
    for (const Expectation& e : s.expectations) add_expectation(e);
    return out_.str();
  }

 private:
  template <typename... Values>
  void add(const Values&... values) {
    ((out_ << values << '|'), ...);
    out_ << '\n';
  }
  template <typename T>
  static std::string optional(const std::optional<T>& value) {
    std::ostringstream text;
    text.precision(17);
    if constexpr (std::is_same_v<T, Duration>) {
      if (value) text << value->count();
    } else {
      if (value) text << *value;
    }
    return value ? text.str() : "-";
  }

  void add_host(const HostSpec& h) {
    add(h.name, static_cast<int>(h.role), static_cast<int>(h.stack), h.time_wait.count(),
        static_cast<int>(h.initial_sequence));
    for (const auto& address : h.addresses) add(address.to_string());
    const Link& l = h.link;
    add(static_cast<int>(l.kind), l.rate_bits_per_second, l.delay.count(), l.jitter.count(), l.loss,
        l.queue_packets, l.segment);
    for (const auto& entry : host::sysctl_table()) add(h.sysctls.*entry.member);
    for (const auto& s : h.services) {
      add(s.port, s.udp, s.backlog, optional(s.accepts_per_second), s.service_time.count(),
          s.listening);
    }
  }

  void add_balancer(const config::LoadBalancer& b) {
    add(b.profile->name, b.address.to_string(), b.address_v6 ? b.address_v6->to_string() : "-",
        b.backend_subnet.to_string(), b.ip_as_backend, b.nodes.lvs, b.nodes.nginx,
        b.source_pool.addresses, b.source_pool.ports.first, b.source_pool.ports.last,
        b.tcp_timeouts.handshake.count(), b.tcp_timeouts.closing.count(),
        b.tcp_timeouts.closed.count(), b.udp_idle_timeout.count(), b.connection_limit);
    if (b.eip)
      add(b.eip->bits_per_second, optional(b.eip->burst_bytes), optional(b.eip->queue_bytes));
    for (const auto& l : b.listeners) {
      add(l.name, static_cast<int>(l.protocol), l.port.first, l.port.last, l.group,
          optional(l.transfer_client_ip), optional(l.idle_timeout));
    }
    for (const auto& g : b.groups) {
      add(g.name, static_cast<int>(g.protocol), static_cast<int>(g.algorithm),
          g.health_check.has_value(), g.connection_ids.has_value());
      if (g.connection_ids) {
        add(int{g.connection_ids->length}, g.connection_ids->capacity,
            static_cast<int>(g.connection_ids->table));
      }
      if (g.health_check) {
        add(static_cast<int>(g.health_check->protocol), g.health_check->interval.count(),
            g.health_check->timeout.count(), g.health_check->retries,
            optional(g.health_check->port));
      }
      for (const auto& s : g.servers) {
        add(s.name, s.address.to_string(), s.port, int{s.weight}, s.by_ip_address);
      }
    }
  }

  void add_workload(const WorkloadSpec& w) {
    const auto& p = w.parameters;
    for (const auto& name : w.from) add(name);
    add(w.listener, p.name, static_cast<int>(p.kind), p.rate_per_second, p.connections,
        p.think_time.count(), static_cast<int>(p.arrivals), p.on_off.on.count(),
        p.on_off.off.count(), p.begin.time_since_epoch().count(), p.end.time_since_epoch().count(),
        p.request_bytes, p.response_bytes, static_cast<int>(p.closes),
        static_cast<int>(p.close_with), p.hold.count(), p.request_timeout.count(), p.slow.count(),
        p.retries, optional(p.source_port), p.destination.to_string(), p.address_change.count());
  }

  void add_expectation(const Expectation& e) {
    add(e.measure.to_string(), static_cast<int>(e.stat), e.from.time_since_epoch().count(),
        e.to.time_since_epoch().count(), optional(e.window), e.relative_to, optional(e.low),
        optional(e.high), e.low_exclusive, e.high_exclusive, e.expected_text, e.unit);
  }

  std::ostringstream out_;
};

inline std::string describe(const Scenario& scenario) { return Describer().text(scenario); }

}  // namespace elblab::language::testing

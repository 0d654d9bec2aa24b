// Applies the changes and faults of a scenario at their moments, and records each.
//
// What an operator changes is a configuration_changed event (operations, sysctls), what breaks or
// heals a fault_injected event (links, zones, services, loss, servers out of and into scheduling);
// value is the entry's index in the timeline, object what it acts on. An operation has an audit row
// besides. Entries of one instant are applied in the order of the file. The world calls advance()
// at next_deadline().
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/workload/server.hpp"
#include "scenarios/language/scenario.hpp"
#include "worlds/health/health_checks.hpp"
#include "worlds/host.hpp"
#include "worlds/network.hpp"
#include "worlds/objects.hpp"

namespace elblab::worlds {

// What a timeline acts on. Everything pointed to must outlive the run.
struct TimelineTargets {
  struct HostTarget {
    Host* host = nullptr;
    HostLink* link = nullptr;
    std::vector<workload::Server*> servers;
  };
  Network* network = nullptr;
  HealthChecks* health = nullptr;  // nullptr: there are none
  // Called when the network's deadline may have come nearer; may be empty.
  std::function<void()> network_changed;
  std::vector<HostTarget> hosts;  // as scenario.hosts
};

class Timeline {
 public:
  // All must outlive the timeline.
  Timeline(const language::Scenario& scenario, TimelineTargets targets, const Objects& objects,
           telemetry::Recorder& recorder);

  // Before the run. Error: the first entry that cannot be applied, because there is no such target
  // or the target does not have what it sets.
  [[nodiscard]] std::optional<std::string> problem() const;
  // kNever also once an entry failed.
  Instant next_deadline() const;
  void advance(Instant now);
  // The entry that could not be applied, and why: it is not recorded, none after it is applied, and
  // the run has failed.
  const std::optional<std::string>& failure() const { return failure_; }

 private:
  std::optional<language::ServerPlace> find_server(const std::string& target) const;
  std::optional<std::size_t> find_zone(const std::string& target) const;
  std::optional<std::size_t> find_host(const std::string& target) const;
  bool target_exists(const language::TimelineEntry& entry) const;
  // Why the target does not have the setting that the entry sets.
  std::optional<std::string> lacking(const language::TimelineEntry& entry) const;
  void apply(std::size_t index, Instant now);
  // Each returns the object it acted on; failure_ is set where it could not.
  telemetry::ObjectId apply_operation(const language::Operation& operation, Instant now);
  telemetry::ObjectId apply_to_zone(const language::TimelineEntry& entry, Instant now);
  telemetry::ObjectId apply_to_server(const language::TimelineEntry& entry);
  telemetry::ObjectId apply_to_host(const language::TimelineEntry& entry, Instant now);
  void set_services(std::size_t host, bool listening, Instant now);
  void record(std::size_t index, telemetry::ObjectId object, Instant now);

  const language::Scenario& scenario_;
  TimelineTargets targets_;
  const Objects& objects_;
  telemetry::Recorder& recorder_;
  std::vector<std::size_t> order_;  // indices of entries, by time, then as in the file
  std::size_t next_ = 0;            // into order_
  std::optional<std::string> failure_;
};

}  // namespace elblab::worlds

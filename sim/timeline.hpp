// Applies the changes and faults of a scenario at their moments, and records each.
//
// What an operator changes is a configuration_changed event (weights, sysctls), what breaks or
// heals a fault_injected event (links, services, loss, servers out of and into scheduling); value
// is the entry's index in the timeline, object what it acts on.
#pragma once

#include <optional>
#include <string>

#include "sim/world.hpp"

namespace elblab::sim {

class Timeline {
 public:
  // All must outlive the run.
  Timeline(const language::Scenario& scenario, World& world, telemetry::Recorder& recorder)
      : scenario_(scenario), world_(world), recorder_(recorder) {}

  // Schedules every entry. Error: a target that does not exist.
  std::optional<std::string> schedule();

 private:
  // A server of a group, by the indices of both.
  struct Place {
    std::size_t group = 0;
    std::size_t server = 0;
  };

  bool target_exists(const language::TimelineEntry& entry);
  std::optional<Place> find_server(const std::string& target) const;
  void apply(std::size_t index);
  // Each returns the object it acted on.
  telemetry::ObjectId apply_to_server(const language::TimelineEntry& entry);
  telemetry::ObjectId apply_to_host(const language::TimelineEntry& entry);
  void record(std::size_t index, telemetry::ObjectId object);

  const language::Scenario& scenario_;
  World& world_;
  telemetry::Recorder& recorder_;
};

}  // namespace elblab::sim

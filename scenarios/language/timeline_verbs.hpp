// The verbs of the timeline: what each is called, what it acts on, and what goes with it.
//
// The one table of them: the language reads and checks by it, worlds record by it. Operations of an
// operator (`set`, `remove`) are no verbs: they name a path and are in operations.hpp. set_weight
// and set_bandwidth are short for an operation that holds at once; what is connected stays
// connected (LIFE-13).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "scenarios/language/scenario.hpp"

namespace elblab::language {

struct TimelineVerb {
  enum class Target : std::uint8_t { host, server_host, server, balancer, zone };
  // The fields of the item that it needs, and no other verb may have.
  enum class Needs : std::uint8_t { nothing, weight, name_and_value, loss, bandwidth };

  std::string_view word;
  TimelineEntry::Action action;
  Target target;
  Needs needs;
  std::string_view help;
};

inline constexpr std::array kTimelineVerbs{
    TimelineVerb{"link_down", TimelineEntry::Action::link_down, TimelineVerb::Target::host,
                 TimelineVerb::Needs::nothing, "host whose link goes down"},
    TimelineVerb{"link_up", TimelineEntry::Action::link_up, TimelineVerb::Target::host,
                 TimelineVerb::Needs::nothing, "host whose link comes back"},
    TimelineVerb{"stop_service", TimelineEntry::Action::stop_service,
                 TimelineVerb::Target::server_host, TimelineVerb::Needs::nothing,
                 "server host whose ports close"},
    TimelineVerb{"start_service", TimelineEntry::Action::start_service,
                 TimelineVerb::Target::server_host, TimelineVerb::Needs::nothing,
                 "server host whose ports open"},
    TimelineVerb{"zone_down", TimelineEntry::Action::zone_down, TimelineVerb::Target::zone,
                 TimelineVerb::Needs::nothing,
                 "zone that goes out of service: its network drops every packet"},
    TimelineVerb{"zone_up", TimelineEntry::Action::zone_up, TimelineVerb::Target::zone,
                 TimelineVerb::Needs::nothing, "zone that comes back"},
    TimelineVerb{"set_weight", TimelineEntry::Action::set_weight, TimelineVerb::Target::server,
                 TimelineVerb::Needs::weight,
                 "server as group/server that gets `weight` at once; its connections stay"},
    TimelineVerb{"disable_server", TimelineEntry::Action::disable_server,
                 TimelineVerb::Target::server, TimelineVerb::Needs::nothing,
                 "server as group/server that gets no new connections"},
    TimelineVerb{"enable_server", TimelineEntry::Action::enable_server,
                 TimelineVerb::Target::server, TimelineVerb::Needs::nothing,
                 "server as group/server that gets them again"},
    TimelineVerb{"set_sysctl", TimelineEntry::Action::set_sysctl, TimelineVerb::Target::host,
                 TimelineVerb::Needs::name_and_value,
                 "host whose kernel setting `name` becomes `value`"},
    TimelineVerb{"set_loss", TimelineEntry::Action::set_loss, TimelineVerb::Target::host,
                 TimelineVerb::Needs::loss, "host whose link loses the share `loss`"},
    TimelineVerb{"set_bandwidth", TimelineEntry::Action::set_bandwidth,
                 TimelineVerb::Target::balancer, TimelineVerb::Needs::bandwidth,
                 "balancer whose public address gets `bandwidth` at once"},
};

}  // namespace elblab::language

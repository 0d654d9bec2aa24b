// Identities that events and traces use. Small integers that a world hands out; their names are
// rows of the trace.
#pragma once

#include <cstdint>

namespace elblab::telemetry {

// A thing that records: a host, a balancer node, a link. 0 means none.
using ObjectId = std::uint32_t;
// A series of numbers over time, registered once with its name, unit and object.
using SeriesId = std::uint32_t;

}  // namespace elblab::telemetry

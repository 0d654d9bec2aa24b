// Virtual time: the one place where ns-3's time and model time meet.
//
// ns-3's resolution stays at its default of one nanosecond, which is that of elblab::Instant, so a
// time step is a nanosecond and no conversion can round.
#pragma once

#include <ns3/nstime.h>
#include <ns3/simulator.h>

#include "models/time/instant.hpp"

namespace elblab::sim {

inline Instant now() { return Instant{Duration{ns3::Simulator::Now().GetTimeStep()}}; }

inline ns3::Time to_ns3(Duration duration) { return ns3::Time{duration.count()}; }

}  // namespace elblab::sim

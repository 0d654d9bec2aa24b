// Instants as the integers that a trace keeps: nanoseconds since the run began.
#pragma once

#include <cstdint>

#include "models/time/instant.hpp"

namespace elblab::trace {

inline std::int64_t to_ns(Instant at) { return at.time_since_epoch().count(); }
inline Instant to_instant(std::int64_t ns) { return Instant(Duration(ns)); }

}  // namespace elblab::trace

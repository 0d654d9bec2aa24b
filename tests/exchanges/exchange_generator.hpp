// Random exchanges from a seed: what clients, servers, networks and applications do (well-behaved),
// and what strays, attackers and broken peers do beside it (harsh).
#pragma once

#include <cstdint>

#include "tests/exchanges/exchange.hpp"

namespace elblab::exchanges {

enum class Manners : bool { well_behaved, harsh };

// The same numbers give the same exchange. Its name says what it is about.
Exchange generate(std::uint64_t seed, std::uint64_t number, Manners manners);

}  // namespace elblab::exchanges

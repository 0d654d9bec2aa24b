// Addresses of a host: how many, one, a range, or a list of those.
#pragma once

#include "scenarios/language/codecs.hpp"
#include "scenarios/language/document.hpp"

namespace elblab::language {

inline constexpr std::uint32_t kMostAddresses = 65'536;

Codec<AddressPlan> address_plan();
// Without the number: balancer files name the addresses.
Codec<AddressPlan> address_list();

}  // namespace elblab::language

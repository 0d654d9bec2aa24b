// Rules as they read, one after the other, field by field: what compiled ones are held against.
#pragma once

#include <optional>
#include <span>

#include "models/config/packet_rules.hpp"
#include "models/net/packet_view.hpp"

namespace elblab::access {

// The number of the first rule that matches.
std::optional<std::size_t> first_match_by_scan(std::span<const config::PacketRule> rules,
                                               const net::PacketView& packet);

}  // namespace elblab::access

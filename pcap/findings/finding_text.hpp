// Figures and names as findings tell them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/time/instant.hpp"
#include "pcap/findings/service.hpp"

namespace elblab::findings {

std::string number(std::uint64_t count);    // "28,232"
std::string share_text(double share);       // "4 %", "0.3 %"
std::string seconds_text(Duration length);  // "1.53 s", "20 µs"
// "1 connection", "12 connections"
std::string counted(std::uint64_t count, std::string_view one, std::string_view many);
// A handful of them: "192.0.2.10:40000 at 1.5 s, … and 3 more".
std::string some(const Books& books, const std::vector<const Judged*>& which);

}  // namespace elblab::findings

// Numbers with their units, as people write them in a scenario, and back.
//
//   duration    30s 2ms 200us 50ns 5min 1h          rate        10Mbps 1Gbps 64kbps 100bps
//   per second  940/s 470.5/s                       size        200B 1KB (1000) 1KiB (1024) 10MB
//   share       5% or 0.05                          numbers     80, 0.5
//
// A unit is never optional. Numbers are decimal; a leading zero is refused, because `010` means 8
// to some readers of YAML and 10 to others. Formatting gives the largest unit that needs no
// rounding, so that parse(format(x)) == x.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "models/contract/expected.hpp"
#include "models/time/instant.hpp"

namespace elblab::language {

Expected<std::int64_t> parse_integer(std::string_view text);
Expected<double> parse_number(std::string_view text);
Expected<Duration> parse_duration(std::string_view text);
Expected<double> parse_bit_rate(std::string_view text);  // bits per second
Expected<double> parse_per_second(std::string_view text);
Expected<std::uint64_t> parse_size(std::string_view text);  // bytes
Expected<double> parse_share(std::string_view text);        // 0.05

std::string format_number(double value);  // shortest text that reads back as the same number
std::string format_duration(Duration value);
std::string format_bit_rate(double bits_per_second);
std::string format_per_second(double value);
std::string format_size(std::uint64_t bytes);
std::string format_share(double value);
// "27,950": as a person reads it.
std::string format_for_people(double value);

}  // namespace elblab::language

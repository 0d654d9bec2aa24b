// Numbers for people: 4,294,967,295.
#pragma once

#include <cstdint>
#include <string>

namespace elblab::pcap {

inline std::string grouped_digits(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

}  // namespace elblab::pcap

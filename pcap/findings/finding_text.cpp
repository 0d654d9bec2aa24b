#include "pcap/findings/finding_text.hpp"

#include <fmt/format.h>

#include "pcap/grouped_digits.hpp"

namespace elblab::findings {

std::string number(std::uint64_t count) { return pcap::grouped_digits(count); }

std::string share_text(double share) {
  const double percent = share * 100;
  return percent >= 10 || percent == 0 ? fmt::format("{:.0f} %", percent)
                                       : fmt::format("{:.2g} %", percent);
}

std::string seconds_text(Duration length) {
  const double seconds = to_seconds(length);
  if (seconds >= 10) return fmt::format("{:.1f} s", seconds);
  if (seconds >= 1) return fmt::format("{:.2f} s", seconds);
  if (seconds >= 1e-3) return fmt::format("{:.3g} ms", seconds * 1e3);
  return fmt::format("{:.3g} µs", seconds * 1e6);
}

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
  return number(count) + " " + std::string(count == 1 ? one : many);
}

std::string some(const Books& books, const std::vector<const Judged*>& which) {
  constexpr std::size_t kMost = 3;
  std::string text;
  for (std::size_t i = 0; i < which.size() && i < kMost; ++i) {
    const Connection& c = books.at(*which[i]);
    text += fmt::format("{}{} at {:.6g} s", i == 0 ? "" : ", ", c.client.to_string(),
                        to_seconds(c.begin));
  }
  if (which.size() > kMost) text += fmt::format(" and {} more", number(which.size() - kMost));
  return text;
}

}  // namespace elblab::findings

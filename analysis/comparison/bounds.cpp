#include "analysis/comparison/bounds.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace elblab::comparison {
namespace {

constexpr Allowance kCommon{};

// Everything that is not held to the common bound, each with its reason. The comparison shows the
// reason beside the measure.
constexpr std::array kAllowances{
    Allowance{"packets_in", 50, 2, 0, "pure ACKs merge or not by delayed-ACK timing"},
    Allowance{"packets_out", 50, 2, 0, "pure ACKs merge or not by delayed-ACK timing"},
    Allowance{"m5_in_pps", 50, 2, 0, "pure ACKs merge or not by delayed-ACK timing"},
    Allowance{"m6_out_pps", 50, 2, 0, "pure ACKs merge or not by delayed-ACK timing"},
    Allowance{"bytes_in", 5000, 1, 0, "headers of as many pure ACKs"},
    Allowance{"bytes_out", 5000, 1, 0, "headers of as many pure ACKs"},
    Allowance{"m7_in_Bps", 5000, 1, 0, "headers of as many pure ACKs"},
    Allowance{"m8_out_Bps", 5000, 1, 0, "headers of as many pure ACKs"},
    Allowance{"response_time", 15, 1, 0, "a busy machine wakes a process milliseconds late"},
    Allowance{"cpu", 15, 1, 0, "a busy machine brings the requests of a moment late"},
    Allowance{"requests_waiting", 15, 1, 0, "a busy machine brings several requests at once"},
    Allowance{"eip_queue", 3000, 1, 0, "a packet or two come before or after the sample"},
    Allowance{"retransmissions", 5, 1, 3,
              "chance decides what is lost, and that is sent again up to three times"},
    Allowance{"syn_retransmissions", 5, 1, 3,
              "chance decides what is lost, and that is sent again up to three times"},
    Allowance{"link_drops", 5, 1, 1, "which packets a link loses is decided by chance"},
    Allowance{"challenge_acks", 5, 1, 1, "microseconds decide which segment meets which state"},
    Allowance{"time_wait_reused", 5, 1, 1, "which sequence numbers are newer may be chance"},
    Allowance{"time_wait_refused", 5, 1, 1, "which sequence numbers are newer may be chance"},
};

}  // namespace

Bounds Bounds::of_tolerance(double figure) {
  Bounds bounds;
  const double scale = figure / bounds.figure;
  bounds.figure *= scale;
  bounds.series *= scale;
  bounds.outcomes *= scale;
  bounds.decisions *= scale;
  return bounds;
}

const Allowance& allowance_of(std::string_view measure) {
  const auto found = std::find_if(kAllowances.begin(), kAllowances.end(),
                                  [&](const Allowance& a) { return a.measure == measure; });
  return found != kAllowances.end() ? *found : kCommon;
}

double sampling_noise(double a, double b, double of_one_chance) {
  constexpr double kDeviations = 3;
  return kDeviations * std::sqrt(of_one_chance * (std::abs(a) + std::abs(b)));
}

double bound_of(const Allowance& allowance, double share, double a, double b, bool other_chances,
                double per) {
  const double by_share = share * allowance.widened * std::max(std::abs(a), std::abs(b));
  const double of_one_chance = std::max(allowance.of_one_chance, other_chances ? 1.0 : 0.0);
  const double noise = sampling_noise(a * per, b * per, of_one_chance) / per;
  return std::max({by_share, allowance.floor / per, noise});
}

}  // namespace elblab::comparison

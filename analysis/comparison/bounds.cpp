#include "analysis/comparison/bounds.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace elblab::comparison {
namespace {

constexpr Allowance kCommon{};

constexpr std::string_view kPureAcks = "pure ACKs merge or not by delayed-ACK timing";
constexpr std::string_view kHeadersOfAcks = "headers of as many pure ACKs";
constexpr std::string_view kLostAgain =
    "chance decides what is lost, and that is sent again up to three times";
constexpr std::string_view kNewerByChance = "which sequence numbers are newer may be chance";

// Everything that is not held to the common bound, each with its reason. The comparison shows the
// reason beside the measure.
constexpr std::array kAllowances{
    Allowance{"packets_in", 50, 2, 0, kPureAcks},
    Allowance{"packets_out", 50, 2, 0, kPureAcks},
    Allowance{"m5_in_pps", 50, 2, 0, kPureAcks},
    Allowance{"m6_out_pps", 50, 2, 0, kPureAcks},
    // A probe over TCP is a handshake and its end: five packets come back, or three.
    Allowance{"probe_packets_received", 50, 4, 0, kPureAcks},
    Allowance{"probe_packets_sent", 50, 4, 0, kPureAcks},
    Allowance{"probe_bytes", 5000, 2, 0, kHeadersOfAcks},
    Allowance{"bytes_in", 5000, 1, 0, kHeadersOfAcks},
    Allowance{"bytes_out", 5000, 1, 0, kHeadersOfAcks},
    Allowance{"m7_in_Bps", 5000, 1, 0, kHeadersOfAcks},
    Allowance{"m8_out_Bps", 5000, 1, 0, kHeadersOfAcks},
    Allowance{"response_time", 15, 1, 0, "a busy machine wakes a process milliseconds late"},
    Allowance{"cpu", 15, 1, 0, "a busy machine brings the requests of a moment late"},
    Allowance{"requests_waiting", 15, 1, 0, "a busy machine brings several requests at once"},
    Allowance{"eip_queue", 3000, 1, 0, "a packet or two come before or after the sample"},
    Allowance{"retransmissions", 5, 1, 3, kLostAgain},
    Allowance{"syn_retransmissions", 5, 1, 3, kLostAgain},
    Allowance{"link_drops", 5, 1, 1, "which packets a link loses is decided by chance"},
    Allowance{"challenge_acks", 5, 1, 1, "microseconds decide which segment meets which state"},
    Allowance{"time_wait_reused", 5, 1, 1, kNewerByChance},
    Allowance{"time_wait_refused", 5, 1, 1, kNewerByChance},
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

double sampling_noise(const Allowance& allowance, double a, double b, bool other_chances) {
  return sampling_noise(a, b, std::max(allowance.of_one_chance, other_chances ? 1.0 : 0.0));
}

double bound_of(const Allowance& allowance, double share, double a, double b, bool other_chances,
                double per) {
  const double by_share = share * allowance.widened * std::max(std::abs(a), std::abs(b));
  const double noise = sampling_noise(allowance, a * per, b * per, other_chances) / per;
  return std::max({by_share, allowance.floor / per, noise});
}

}  // namespace elblab::comparison

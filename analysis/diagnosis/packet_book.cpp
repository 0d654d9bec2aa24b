#include "analysis/diagnosis/packet_book.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <string_view>

namespace elblab::diagnosis {
namespace {

struct PacketEntry {
  std::string_view measure;
  MeasureScope scope;
  int sign;               // 1: comes to be, -1: comes to its end
  bool may_lack = false;  // a trace without it has none of these packets
};

constexpr PacketEntry kPacketBook[] = {
    {"packets_out", MeasureScope::host, 1},
    {"packets_made", MeasureScope::balancer, 1},
    {"packets_in", MeasureScope::host, -1},
    {"dropped", MeasureScope::balancer, -1},
    {"packets_taken", MeasureScope::balancer, -1},
    {"dropped", MeasureScope::network, -1, true},
    {"dropped", MeasureScope::middlebox, -1, true},
    {"probe_packets_sent", MeasureScope::checked_balancer, 1, true},
    {"probe_packets_received", MeasureScope::checked_balancer, -1, true}};

}  // namespace

std::optional<Curve> lost_packets(const Observations& seen) {
  Curve missing(seen.grid().columns, 0.0);
  for (const PacketEntry& entry : kPacketBook) {
    const auto packets = seen.summed(entry.measure, entry.scope);
    if (!packets && entry.may_lack) continue;
    if (!packets) return std::nullopt;
    for (std::size_t i = 0; i < missing.size(); ++i) missing[i] += entry.sign * (*packets)[i];
  }
  std::partial_sum(missing.begin(), missing.end(), missing.begin());
  for (std::size_t i = missing.size() - 1; i > 0; --i) {
    missing[i - 1] = std::min(missing[i - 1], missing[i]);
  }
  Curve lost;
  double before = 0;
  for (const double until : missing) {
    lost.push_back(std::max(0.0, until - before));
    before = std::max(before, until);
  }
  return lost;
}

std::string missing_entry(const Observations& seen) {
  for (const PacketEntry& entry : kPacketBook) {
    if (entry.may_lack || seen.summed(entry.measure, entry.scope)) continue;
    return fmt::format("{}({})", entry.measure,
                       entry.scope == MeasureScope::host ? "host" : "balancer");
  }
  return {};
}

std::string lost_packets_query(const Observations& seen) {
  std::string cases;
  for (const PacketEntry& entry : kPacketBook) {
    std::string measures;
    for (const std::string& object : seen.objects(entry.scope)) {
      if (entry.may_lack && seen.counter(entry.measure, entry.scope, object) == nullptr) continue;
      measures += fmt::format("{}'{}({})'", measures.empty() ? "" : ", ", entry.measure, object);
    }
    if (measures.empty()) continue;
    cases +=
        fmt::format(" WHEN measure IN ({}) THEN {}", measures, entry.sign > 0 ? "value" : "-value");
  }
  return fmt::format("SELECT sum(CASE{} END) FROM samples_view", cases);
}

}  // namespace elblab::diagnosis

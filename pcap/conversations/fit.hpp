// Fits workloads of the scenario language to the conversations of a capture, and measures how well
// they fit.
//
// Conversations are grouped by listener: by name where the user maps servers, else by protocol and
// server port (servers of one port are taken for the backends of one listener). A group of TCP
// conversations becomes connections per request, connections that are kept, or, where at least a
// tenth of the requests come on each kind, a workload of each. UDP becomes datagrams.
//
// Sizes, delays and pauses are fitted by their mean, which keeps bytes, rates and concurrency right
// and loses the spread; the spread is told.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/workload/parameters.hpp"
#include "pcap/conversations/conversation.hpp"

namespace elblab::pcap {

// A conversation of so many requests or more is one that is kept.
inline constexpr std::uint32_t kRequestsWhenKept = 3;
inline constexpr std::size_t kMostGroups = 8;

enum class Unit : std::uint8_t { count, per_second, bytes, seconds, share };
enum class Goodness : std::uint8_t { good, fair, poor };

// One figure of the traffic. distance: relative to the captured figure, unless told otherwise.
struct FitRow {
  std::string figure;
  double captured = 0;
  double fitted = 0;
  double distance = 0;
  Unit unit = Unit::count;
  std::string remark;

  Goodness goodness() const;  // good up to 0.1, fair up to 0.3
};

struct WorkloadFit {
  std::string name;
  std::string listener;                   // "tcp-80", or as mapped; several workloads may share one
  workload::ClientParameters parameters;  // kind, rate, sizes, closes, begin, end
  std::uint16_t port = 0;                 // of the servers
  std::vector<net::Endpoint> servers;
  std::uint32_t clients = 0;  // addresses
  std::uint64_t conversations = 0;
  std::uint64_t requests = 0;
  Duration service{0};     // what a server takes
  Duration round_trip{0};  // of the network, as handshakes show it; 0: none seen
  std::vector<FitRow> rows;
  std::vector<std::string> not_expressed;  // what the language cannot say about this traffic
};

struct TrafficFit {
  std::vector<WorkloadFit> workloads;  // most conversations first
  Duration length{0};
  std::uint64_t left_out = 0;  // conversations of servers beyond kMostGroups, or not mapped
  std::vector<std::string> not_expressed;  // about the capture as a whole
};

// names: of captured servers; given any, only those are fitted.
TrafficFit fit_traffic(const Conversations& conversations,
                       const std::map<net::Endpoint, std::string>& names);

}  // namespace elblab::pcap

// Fits one workload to conversations of one listener; see fit.hpp.
#pragma once

#include <span>

#include "pcap/conversations/fit.hpp"

namespace elblab::pcap {

// How often the client asked: its turns, or for UDP its datagrams.
std::uint32_t requests_of(const Conversations& all, const Conversation& conversation);

class WorkloadFitter {
 public:
  // `all` must outlive the fitter; members, at least one, by begin. kind: short_connections,
  // persistent_connections or datagrams.
  WorkloadFitter(const Conversations& all, const std::vector<const Conversation*>& members,
                 workload::Kind kind);

  WorkloadFit fit();

 private:
  std::span<const Turn> turns_of(const Conversation& c) const;
  void collect();
  void fit_arrivals();
  void fit_exchange();
  void fit_closing();
  void fit_places();
  void fit_concurrency();
  void note_the_rest();
  // A figure fitted by its mean, whose distance is the mean deviation from it.
  double fit_mean(const std::string& figure, const std::vector<double>& values, Unit unit,
                  double smallest_of_note);
  void add_row(FitRow row) { fit_.rows.push_back(std::move(row)); }
  void note(std::uint64_t n, const std::string& what);
  double lifetime() const;  // s, of a fitted short connection up to the first FIN

  const Conversations& all_;
  const std::vector<const Conversation*>& members_;
  WorkloadFit fit_;
  std::vector<Duration> arrivals_;  // what the rate counts: connections, or requests
  std::vector<double> request_bytes_;
  std::vector<double> response_bytes_;
  std::vector<double> services_;  // s
  std::vector<double> holds_;     // s, of conversations that the client closes
  std::vector<double> thinks_;    // s, before the first request
  std::uint64_t unasked_ = 0;
};

}  // namespace elblab::pcap

// What a trace has of health checks, server by server: verdicts over time, and how probes ended.
//
// Failures are all there, as events; of probes that passed only some are kept (probe_log.hpp), so
// that their number is a measure's business and only their times and codes are read here.
//
// Time: linear in the events of failures, the probes kept, and the changes of verdicts.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "analysis/diagnosis/grid.hpp"
#include "analysis/trace/reader.hpp"

namespace elblab::diagnosis {

// What most nodes of the balancer think of a server. Not what a console displays of a server whose
// weight is 0 (SCH-10 to SCH-12), which says nothing about its health.
enum class Opinion : std::uint8_t { unknown, healthy, unhealthy };

struct OpinionSpan {
  Opinion opinion = Opinion::unknown;
  Instant from;
  Instant to;
};

struct HealthRecord {
  std::vector<OpinionSpan> spans;         // of most nodes; none where nobody probes it
  unsigned node_changes = 0;              // between healthy and unhealthy, of all nodes
  std::map<std::string, Curve> failures;  // by reason: "timed_out"
  std::map<int, double> statuses;         // of HTTP answers that were not accepted, kept ones
  Duration longest_passed{};              // of the probes kept; 0: none passed
  double answered_kept = 0;               // HTTP and TCP probes kept that passed

  double failed() const;
  double failed(const std::string& reason) const;
  // Between healthy and unhealthy.
  unsigned changes() const;
};

class HealthRecords {
 public:
  HealthRecords(const trace::Reader& trace, const Grid& grid);

  // Of a server, "app/b1"; one without any row where nothing is recorded of it.
  const HealthRecord& of(const std::string& server) const;
  // Where a server serves: "192.168.1.2:80"; empty: not recorded.
  std::string endpoint(const std::string& server) const;

 private:
  void read_verdicts(const trace::Reader& trace, const Grid& grid);
  void read_failures(const trace::Reader& trace, const Grid& grid);
  void read_probes(const trace::Reader& trace);
  void read_endpoints(const trace::Reader& trace);

  std::map<std::string, HealthRecord> records_;
  std::map<std::string, std::string> endpoints_;
  HealthRecord none_;
};

}  // namespace elblab::diagnosis

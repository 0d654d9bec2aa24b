// A trace made by hand for diagnosis: a healthy run of 100 s with one client, two servers and a
// balancer, every sample of which a test may change.
//
// Healthy: 100 requests per second in a connection each, answered within 10 ms, both servers alike,
// nothing lost, nothing at its limit.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "analysis/diagnosis/diagnosis.hpp"
#include "analysis/trace/reader.hpp"
#include "analysis/trace/writer.hpp"
#include "models/telemetry/measures.hpp"
#include "tests/temporary_folder.hpp"

namespace elblab::diagnosis::test {

inline constexpr int kSeconds = 100;
inline constexpr double kRate = 100;  // requests per second

class MadeTrace {
 public:
  MadeTrace();

  // The value of a measure at second 1 … kSeconds.
  using Value = std::function<double(int second)>;
  MadeTrace& set(const std::string& measure, Value value);
  MadeTrace& set(const std::string& measure, double value);
  // Adds to what is there.
  MadeTrace& add(const std::string& measure, Value value);
  MadeTrace& add(const std::string& measure, double value);
  // Another host, server of a group ("other/b1") or workload with all of its measures at 0.
  MadeTrace& with(const std::string& object, telemetry::MeasureScope scope);
  // The algorithm that a group begins with; empty: the trace does not say. That of app is weighted
  // round robin.
  MadeTrace& algorithm(const std::string& group, const std::string& algorithm);
  // ... and what an operator makes it at the end of a second.
  MadeTrace& changed_algorithm(const std::string& group, int second, const std::string& algorithm);
  // As if this elblab did not record it.
  MadeTrace& forget(const std::string& measure);
  // Client connections that ended so, one each 0.1 s from a second on.
  MadeTrace& ended(telemetry::Reason reason, int count, int from_second = 1);
  // As a balancer alone sees it, from a capture: no hosts, no workloads.
  MadeTrace& as_capture();
  // Sessions of the balancer that ended so, of a server ("app/b1"), so many opened per second.
  struct Sessions {
    std::string server;
    telemetry::Reason reason = telemetry::Reason::closed_by_client;
    int per_second = 10;
    int from = 1;
    int to = kSeconds;
    bool established = true;
    double seconds = 0.1;  // from opening to end
    std::uint64_t bytes_sent = 200;
    std::uint64_t bytes_received = 1000;
    net::Protocol protocol = net::Protocol::tcp;
    std::uint8_t client = 1;  // 10.0.0.<client>
  };
  MadeTrace& sessions(const Sessions& sessions);
  // Packets that a node of the balancer dropped, so many per second from `from` on, up to `to`.
  struct Drops {
    telemetry::Reason reason = telemetry::Reason::none;
    int per_second = 1;
    int from = 1;
    int to = kSeconds;
    std::uint16_t port = 80;
    net::Protocol protocol = net::Protocol::tcp;
    int repeats = 1;  // of each flow, one a second
  };
  MadeTrace& drops(const Drops& drops);
  // Four nodes check the health of app's servers, b1 and b2, from second 1 on, and find them
  // healthy. settings: as check_text.hpp writes them, behind protocol, interval and so on.
  MadeTrace& checked(const std::string& protocol = "tcp", const std::string& settings = "");
  // Probes that failed, one in each second of [from, to).
  struct FailedProbes {
    std::string server = "app/b1";
    telemetry::Reason reason = telemetry::Reason::timed_out;
    int from = 20;
    int to = kSeconds;
    int status = 0;
    bool found = true;  // the server is unhealthy from 10 s after `from` on, until 5 s after `to`
  };
  MadeTrace& failed_probes(const FailedProbes& probes);
  // The nodes think otherwise of a server, all at once.
  MadeTrace& found(const std::string& server, int second, bool healthy);
  // Packets of probes that rules dropped, one a second.
  struct ProbePackets {
    telemetry::Reason reason = telemetry::Reason::security_group;
    std::string server = "app/b1";
    bool to_server = true;
    net::Protocol protocol = net::Protocol::tcp;
    int from = 20;
    int to = kSeconds;
  };
  MadeTrace& dropped_probes(const ProbePackets& packets);
  // Packets that a host dropped itself, in all.
  MadeTrace& host_dropped(const std::string& host, telemetry::Reason reason, int count);
  // A request of a user: the connection it comes on, the decision and the server's word on him.
  struct UserRequest {
    std::uint32_t user = 0;
    double at = 0;    // seconds
    int address = 0;  // which one the balancer sees
    std::string server = "app/b1";
    std::string node = "lvs1";
    telemetry::Reason decision = telemetry::Reason::sticky;
    telemetry::Reason broken = telemetry::Reason::none;  // the binding of the address, by this
    telemetry::Reason result = telemetry::Reason::session_kept;
  };
  MadeTrace& asked(const UserRequest& request);
  // What a laboratory knows and an operator does not: links, injected faults, the scenario's text.
  MadeTrace& with_laboratory_knowledge(const std::string& text);

  Diagnosis diagnose();
  // The trace is written at the first call.
  const trace::Reader& reader();

 private:
  MadeTrace& with_scope(const std::string& object, telemetry::MeasureScope scope);
  void write();
  void write_endings(trace::Writer& writer);
  void write_sessions(trace::Writer& writer);
  void write_drops(trace::Writer& writer);
  void write_algorithms(trace::Writer& writer);
  void write_checks(trace::Writer& writer);
  void write_probes(trace::Writer& writer);
  void write_users(trace::Writer& writer);
  void write_laboratory(trace::Writer& writer);
  telemetry::ObjectId object(trace::Writer& writer, const std::string& name);

  struct Ending {
    telemetry::Reason reason;
    int count;
    int from_second;
  };
  std::unique_ptr<testing::TemporaryFolder> folder_ = std::make_unique<testing::TemporaryFolder>();
  std::vector<std::string> order_;                         // measures as they are registered
  std::map<std::string, telemetry::MeasureScope> scopes_;  // by object, the first it has
  std::map<std::string, telemetry::MeasureScope> scopes_of_measures_;
  std::vector<Sessions> sessions_;
  std::vector<Drops> drops_;
  std::vector<UserRequest> requests_;
  std::string check_;  // empty: health is not checked
  std::vector<FailedProbes> failed_probes_;
  struct Change {
    std::string server;
    int second;
    bool healthy;
  };
  std::vector<Change> verdicts_;
  std::vector<ProbePackets> probe_packets_;
  struct HostDrops {
    std::string host;
    telemetry::Reason reason;
    int count;
  };
  std::vector<HostDrops> host_drops_;
  std::map<std::string, Value> values_;
  std::vector<Ending> endings_;
  std::map<std::string, std::string> algorithms_{{"app", "weighted_round_robin"}};  // by group
  struct AlgorithmChange {
    std::string group;
    int second;
    std::string algorithm;
  };
  std::vector<AlgorithmChange> changes_;
  std::string laboratory_;
  std::string world_ = "simulation";
  std::map<std::string, telemetry::ObjectId> objects_;
  std::unique_ptr<trace::Reader> reader_;
};

// From `from` on (up to `to`), else 0.
MadeTrace::Value between(int from, int to, double value);

}  // namespace elblab::diagnosis::test

#include "cli/captures/captured_diagnosis.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>

#include "pcap/findings/between_findings.hpp"
#include "pcap/findings/capture_diagnosis.hpp"
#include "pcap/findings/connection_list.hpp"
#include "pcap/streams/stream_table.hpp"

namespace elblab::cli {
namespace {

// Causes that lie in what the balancer itself does.
constexpr std::array<std::string_view, 12> kOfTheEngine{
    "bandwidth",        "balancer_ports",   "connection_table_full",
    "no_listener",      "balancer_halted",  "refused_by_rules",
    "no_server",        "stickiness_off",   "uneven_weights",
    "part_time_server", "client_addresses", "kept_connections"};

// Of users and hosts: packets of a capture judge these better, or nobody can.
constexpr std::array<std::string_view, 8> kOfThePackets{
    "server_cpu",  "client_ports",      "accept_queue", "five_tuple_conflict",
    "dead_server", "time_wait_refused", "idle_timeout", "packet_loss"};

template <std::size_t N>
bool names(const std::array<std::string_view, N>& causes, const diagnosis::Finding& finding) {
  return std::ranges::find(causes, finding.cause) != causes.end();
}

bool of_packets(const diagnosis::Symptom& symptom) {
  return symptom.name == "failed_requests" || symptom.name == "slow_answers";
}

void append_titles(diagnosis::Diagnosis& captured, const std::vector<diagnosis::Finding>& more) {
  for (const diagnosis::Finding& finding : more) {
    const std::string title = "through this balancer: " + finding.title;
    captured.verdict = captured.nothing_wrong() ? title : captured.verdict + "; " + title;
  }
}

}  // namespace

Expected<CapturedDiagnosis> diagnose_captured(const std::filesystem::path& capture,
                                              const findings::EndpointNames& names,
                                              bool with_connections) {
  auto reader = pcap::Reader::open(capture);
  if (!reader) return reader.error();
  const streams::Streams streams = streams::read_streams(**reader);
  const findings::Books books = findings::keep_books(streams);
  CapturedDiagnosis captured;
  captured.diagnosis = findings::diagnose_capture(books, names);
  captured.notes = findings::describe_capture(books, names);
  const std::string damage = pcap::damage_message(capture, (*reader)->report());
  if (!damage.empty()) captured.notes.push_back(damage);
  if (with_connections) captured.connections = findings::connections_as_csv(books);
  captured.format = (*reader)->format();
  captured.length = streams.report.length;
  captured.records = streams.report.records;
  return captured;
}

Expected<CapturedDiagnosis> diagnose_two_sides(const std::filesystem::path& first,
                                               const std::filesystem::path& second,
                                               const findings::EndpointNames& names) {
  const auto reader = pcap::Reader::open(first);
  if (!reader) return reader.error();
  const auto other = pcap::Reader::open(second);
  if (!other) return other.error();
  const streams::Streams streams = streams::read_streams(**reader);
  const streams::Streams other_streams = streams::read_streams(**other);
  const findings::Books books = findings::keep_books(streams);
  const findings::Books other_books = findings::keep_books(other_streams);
  const findings::TwoSides sides = findings::match_sides(books, other_books);
  CapturedDiagnosis captured;
  captured.diagnosis = findings::diagnose_between(sides, names);
  captured.notes = findings::describe_sides(sides);
  captured.format = "both sides";
  captured.length = sides.near->end();
  captured.records = streams.report.records + other_streams.report.records;
  return captured;
}

void add_engine_part(const trace::Reader& replayed, diagnosis::Diagnosis& captured) {
  diagnosis::Diagnosis engine = diagnosis::diagnose(replayed);
  std::vector<diagnosis::Finding> found;
  std::ranges::copy_if(engine.found, std::back_inserter(found),
                       [](const auto& finding) { return names(kOfTheEngine, finding); });
  append_titles(captured, found);
  std::ranges::move(found, std::back_inserter(captured.found));
  std::ranges::copy_if(engine.symptoms, std::back_inserter(captured.symptoms),
                       [](const auto& symptom) { return !of_packets(symptom); });
  captured.balanced = std::move(engine.balanced);
  std::ranges::copy_if(engine.ruled_out, std::back_inserter(captured.ruled_out),
                       [](const auto& finding) { return !names(kOfThePackets, finding); });
  std::ranges::copy_if(engine.not_observable, std::back_inserter(captured.not_observable),
                       [](const auto& finding) { return !names(kOfThePackets, finding); });
}

}  // namespace elblab::cli

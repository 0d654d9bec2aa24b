#include "tests/replay/capture_fixture.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <numeric>

#include "pcap/writer.hpp"
#include "tests/must.hpp"

namespace elblab::replay::test {

std::vector<Bytes> conversation(const net::Endpoint& client, const net::Endpoint& server,
                                std::uint32_t client_sequence) {
  const std::uint32_t c = client_sequence;
  constexpr std::uint32_t s = 5000;
  return {tcp(client, server, {flag::syn, c, 0}),
          tcp(server, client, {flag::syn_ack, s, c + 1}),
          tcp(client, server, {flag::ack, c + 1, s + 1}),
          tcp(client, server, {flag::ack, c + 1, s + 1, 100}),
          tcp(server, client, {flag::ack, s + 1, c + 101, 200}),
          tcp(client, server, {flag::fin, c + 101, s + 201}),
          tcp(server, client, {flag::fin, s + 201, c + 102}),
          tcp(client, server, {flag::ack, c + 102, s + 202})};
}

Tape& Tape::add(const Bytes& packet, std::size_t captured) {
  const Bytes held(packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(captured));
  capture_.add(static_cast<std::uint32_t>(next_us_ / 1'000'000),
               static_cast<std::uint32_t>(next_us_ % 1'000'000), held,
               static_cast<std::uint32_t>(packet.size()));
  next_us_ += 10'000;
  return *this;
}

Tape& Tape::add(const std::vector<Bytes>& packets) {
  for (const Bytes& packet : packets) add(packet);
  return *this;
}

Tape& Tape::wait(std::int64_t microseconds) {
  next_us_ += microseconds;
  return *this;
}

Replayed::Replayed(const Tape& tape, const config::LoadBalancer& balancer, ReplayOptions options) {
  pcap::test::write_file(folder_ / "tape.pcap", tape.bytes());
  run(folder_ / "tape.pcap", balancer, std::move(options));
}

Replayed::Replayed(const std::filesystem::path& capture, const config::LoadBalancer& balancer,
                   ReplayOptions options) {
  run(capture, balancer, std::move(options));
}

void Replayed::run(const std::filesystem::path& capture, const config::LoadBalancer& balancer,
                   ReplayOptions options) {
  options.capture = capture;
  options.balancers = {balancer};
  options.write = folder_ / "written.pcap";
  options.trace = trace();
  if (auto replayed = replay(options)) {
    report = std::move(*replayed);
    written = pcap::test::all_records(*pcap::test::open(options.write));
  } else {
    error = replayed.error();
  }
}

void Replayed::check_accounts() const {
  BOOST_TEST(!error.has_value());
  BOOST_TEST(report.conservation_problem == "");
  const FrameCounts& frames = report.frames;
  BOOST_TEST(report.records ==
             frames.ip + frames.not_ip + frames.cut_short + frames.unknown_link_type);
  const auto& verdicts = report.inputs.verdicts;
  BOOST_TEST(frames.ip ==
             std::accumulate(verdicts.begin(), verdicts.end(),
                             report.inputs.unreadable + report.health.counts.packets));
  BOOST_TEST(report.engine.packets_in == count(Verdict::from_client) + count(Verdict::from_server) +
                                             count(Verdict::beside) + report.inputs.unreadable);
  BOOST_TEST(written.size() == report.engine.packets_forwarded + report.engine.packets_made);
}

EndpointRule listener_rule(const std::string& text, const config::LoadBalancer& balancer) {
  return must(parse_listener_rule(text, {&balancer, 1}));
}

EndpointRule server_rule(const std::string& text, const config::LoadBalancer& balancer) {
  return must(parse_server_rule(text, {&balancer, 1}));
}

void merge(const std::vector<std::filesystem::path>& from, const std::filesystem::path& to) {
  std::vector<pcap::test::ReadRecord> records;
  for (const auto& path : from) {
    const auto more = pcap::test::all_records(*pcap::test::open(path));
    records.insert(records.end(), more.begin(), more.end());
  }
  std::stable_sort(records.begin(), records.end(),
                   [](const auto& a, const auto& b) { return a.at_ns < b.at_ns; });
  const auto writer = must(pcap::Writer::open(to));
  for (const auto& record : records) {
    writer->write_at(record.at_ns, record.bytes, record.original_length);
  }
  must(writer->close());
}

}  // namespace elblab::replay::test

#include "pcap/conversations/workload_fitter.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <set>

#include "models/workload/request_header.hpp"
#include "pcap/conversations/extractor.hpp"
#include "pcap/conversations/gap_statistics.hpp"

namespace elblab::pcap {
namespace {

using workload::Kind;

constexpr std::size_t kSlices = 10;
constexpr double kMillisecond = 1e-3;
constexpr std::size_t kClosings = 5;

double mean_of(const std::vector<double>& values) {
  if (values.empty()) return 0;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double relative(double captured, double fitted, double smallest_of_note) {
  return std::abs(captured - fitted) / std::max(std::abs(captured), smallest_of_note);
}

// Four significant digits: more would claim what a capture cannot tell.
double rounded(double value) {
  if (!(value > 0)) return 0;
  const double unit = std::pow(10, std::floor(std::log10(value)) - 3);
  return std::round(value / unit) * unit;
}

Duration whole_microseconds(double s) {
  return std::chrono::microseconds(static_cast<std::int64_t>(std::llround(s * 1e6)));
}

// Room for n arrivals, the first at once: n - 1 gaps and half of one behind the last, so that the
// text of it can be short.
Duration length_of(double n, double rate) {
  const Duration length = whole_microseconds((n - 0.5) / rate);
  const bool wide = 1 / rate > 4 * kMillisecond;
  return wide ? Duration(std::chrono::round<std::chrono::milliseconds>(length)) : length;
}

std::size_t most_at_once(const std::vector<const Conversation*>& members) {
  std::vector<std::pair<Duration, int>> changes;
  for (const Conversation* c : members) {
    changes.emplace_back(c->begin, 1);
    changes.emplace_back(c->begin + c->end, -1);
  }
  std::sort(changes.begin(), changes.end());  // at one instant ends come first
  int open = 0;
  int most = 0;
  for (const auto& [at, change] : changes) most = std::max(most, open += change);
  return static_cast<std::size_t>(most);
}

std::size_t busiest_slice(const std::vector<Duration>& arrivals, Duration length) {
  std::array<std::size_t, kSlices> counts{};
  for (const Duration at : arrivals) {
    const double share = to_seconds(at - arrivals.front()) / to_seconds(length);
    ++counts[std::min(kSlices - 1, static_cast<std::size_t>(share * kSlices))];
  }
  return *std::max_element(counts.begin(), counts.end());
}

}  // namespace

std::uint32_t requests_of(const Conversations& all, const Conversation& c) {
  const auto turns = std::span(all.turns).subspan(c.first_turn, c.turns);
  return static_cast<std::uint32_t>(std::count_if(
      turns.begin(), turns.end(), [](const Turn& turn) { return turn.from == Side::client; }));
}

WorkloadFitter::WorkloadFitter(const Conversations& all,
                               const std::vector<const Conversation*>& members, Kind kind)
    : all_(all), members_(members) {
  fit_.parameters.kind = kind;
}

WorkloadFit WorkloadFitter::fit() {
  collect();
  fit_arrivals();
  fit_places();
  fit_exchange();
  fit_closing();
  fit_concurrency();
  note_the_rest();
  return std::move(fit_);
}

std::span<const Turn> WorkloadFitter::turns_of(const Conversation& c) const {
  return std::span(all_.turns).subspan(c.first_turn, c.turns);
}

void WorkloadFitter::collect() {
  const bool per_connection = fit_.parameters.kind == Kind::short_connections;
  for (const Conversation* c : members_) {
    bool asked = false;
    bool first = true;
    for (const Turn& turn : turns_of(*c)) {
      if (turn.from == Side::client) {
        if (first) thinks_.push_back(to_seconds(turn.pause));
        if (!per_connection) {
          arrivals_.push_back(c->begin + turn.at);
          request_bytes_.push_back(static_cast<double>(turn.bytes));
          response_bytes_.push_back(0);
        }
        asked = true;
      } else {
        if (asked) services_.push_back(to_seconds(turn.pause));
        if (!asked) ++unasked_;
        if (!per_connection && !response_bytes_.empty()) {
          response_bytes_.back() += static_cast<double>(turn.bytes);
        }
        asked = false;
      }
      first = false;
    }
    if (per_connection) {
      arrivals_.push_back(c->begin);
      request_bytes_.push_back(static_cast<double>(c->bytes.client));
      response_bytes_.push_back(static_cast<double>(c->bytes.server));
    }
    const bool by_client = c->closing == Closing::client_fin || c->closing == Closing::client_reset;
    if (by_client) holds_.push_back(to_seconds(c->close_pause));
    fit_.requests += requests_of(all_, *c);
  }
  fit_.conversations = members_.size();
  std::sort(arrivals_.begin(), arrivals_.end());
}

void WorkloadFitter::fit_arrivals() {
  workload::ClientParameters& p = fit_.parameters;
  const Conversation& first = *members_.front();
  p.begin = kStart + std::chrono::floor<std::chrono::microseconds>(first.begin);
  if (arrivals_.empty()) {  // connections that are open and silent
    p.end = p.begin + std::max<Duration>(all_.length - first.begin, std::chrono::seconds(1));
    return;
  }
  const GapStatistics gaps = gap_statistics(arrivals_);
  const bool known = gaps.mean > Duration{0};
  const auto n = static_cast<double>(arrivals_.size());
  p.rate_per_second = rounded(known ? 1 / to_seconds(gaps.mean) : n);
  // No longer than a scenario may be.
  p.end = std::min(p.begin + length_of(n, p.rate_per_second), kStart + kLongestCapture);
  const bool poisson = gaps.distance_poisson < gaps.distance_even;
  p.arrivals = poisson ? workload::Arrivals::poisson : workload::Arrivals::uniform;
  const bool connections = p.kind == Kind::short_connections;
  const double captured_rate = known ? 1 / to_seconds(gaps.mean) : n;
  add_row({connections ? "connections" : "requests", captured_rate, p.rate_per_second,
           relative(captured_rate, p.rate_per_second, 0), Unit::per_second, ""});
  if (gaps.gaps >= 10) {
    const double distance = poisson ? gaps.distance_poisson : gaps.distance_even;
    add_row({poisson ? "gaps, to poisson (K-S)" : "gaps, to uniform (K-S)", distance, 0, distance,
             Unit::share,
             poisson ? "to uniform " + std::to_string(gaps.distance_even).substr(0, 5)
                     : "to poisson " + std::to_string(gaps.distance_poisson).substr(0, 5)});
    const auto busiest = static_cast<double>(busiest_slice(arrivals_, p.end - p.begin));
    add_row({"in the busiest tenth of the time", busiest, n / kSlices,
             relative(busiest, n / kSlices, 1), Unit::count, ""});
  }
}

void WorkloadFitter::fit_places() {
  std::map<std::uint32_t, std::size_t> of_client;
  std::set<std::uint32_t> servers;
  std::vector<double> round_trips;
  for (const Conversation* c : members_) {
    ++of_client[c->client];
    servers.insert(c->server);
    if (c->round_trip > Duration{0}) round_trips.push_back(to_seconds(c->round_trip));
  }
  fit_.clients = static_cast<std::uint32_t>(of_client.size());
  for (const std::uint32_t server : servers) fit_.servers.push_back(all_.servers[server]);
  fit_.port = fit_.servers.front().port;
  std::size_t busiest = 0;
  for (const auto& [client, count] : of_client) busiest = std::max(busiest, count);
  const double share = static_cast<double>(busiest) / static_cast<double>(members_.size());
  const double even = 1.0 / static_cast<double>(fit_.clients);
  add_row({"client addresses", static_cast<double>(fit_.clients), static_cast<double>(fit_.clients),
           0, Unit::count, ""});
  if (fit_.clients > 1) {
    add_row({"share of the busiest client", share, even, share - even, Unit::share, ""});
  }
  if (!round_trips.empty()) {
    fit_.round_trip = whole_microseconds(
        fit_mean("round trip of the network", round_trips, Unit::seconds, kMillisecond));
  }
}

double WorkloadFitter::fit_mean(const std::string& figure, const std::vector<double>& values,
                                Unit unit, double smallest_of_note) {
  const double mean = mean_of(values);
  double deviation = 0;
  for (const double value : values) deviation += std::abs(value - mean);
  if (!values.empty()) deviation /= static_cast<double>(values.size());
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const bool spread = !values.empty() && *low != *high;
  add_row({figure, mean, mean, deviation / std::max(mean, smallest_of_note), unit,
           spread ? "spread" : ""});
  return mean;
}

void WorkloadFitter::fit_exchange() {
  workload::ClientParameters& p = fit_.parameters;
  const bool udp = p.kind == Kind::datagrams;
  constexpr auto kHeader = static_cast<double>(workload::kRequestHeaderBytes);
  const double request = fit_mean("request", request_bytes_, Unit::bytes, kHeader);
  const double response = fit_mean("response", response_bytes_, Unit::bytes, kHeader);
  p.request_bytes = static_cast<std::uint64_t>(std::llround(std::max(request, kHeader)));
  p.response_bytes =
      static_cast<std::uint64_t>(std::llround(udp ? std::max(response, kHeader) : response));
  fit_.rows[fit_.rows.size() - 2].fitted = static_cast<double>(p.request_bytes);
  fit_.rows[fit_.rows.size() - 1].fitted = static_cast<double>(p.response_bytes);
  if (udp) {
    constexpr std::uint64_t kLargestDatagram = 1472;  // what one packet carries
    p.request_bytes = std::min(p.request_bytes, kLargestDatagram);
    p.response_bytes = std::min(p.response_bytes, kLargestDatagram);
  }
  if (!services_.empty()) {
    fit_.service =
        whole_microseconds(fit_mean("time a server takes", services_, Unit::seconds, kMillisecond));
  }
}

void WorkloadFitter::fit_closing() {
  workload::ClientParameters& p = fit_.parameters;
  if (p.kind == Kind::datagrams) return;
  std::array<std::uint64_t, kClosings> counts{};
  for (const Conversation* c : members_) ++counts[static_cast<std::size_t>(c->closing)];
  const auto open = static_cast<std::size_t>(Closing::none);
  const auto most = static_cast<std::size_t>(
      std::max_element(counts.begin(), counts.begin() + open) - counts.begin());
  note(counts[open], "connections are not closed in the capture");
  if (counts[most] == 0) return;
  const auto closing = static_cast<Closing>(most);
  const bool server = closing == Closing::server_fin || closing == Closing::server_reset;
  const bool reset = closing == Closing::client_reset || closing == Closing::server_reset;
  p.closes = server ? workload::Closer::server : workload::Closer::client;
  p.close_with = reset ? workload::CloseWith::rst : workload::CloseWith::fin;
  const auto closed = static_cast<double>(members_.size() - counts[open]);
  const double share = static_cast<double>(counts[most]) / closed;
  add_row({std::string("closed by the ") + (server ? "server" : "client") + " with " +
               (reset ? "RST" : "FIN"),
           share, 1, 1 - share, Unit::share, ""});
  if (p.kind == Kind::short_connections && !server && !holds_.empty()) {
    p.hold =
        whole_microseconds(fit_mean("hold before closing", holds_, Unit::seconds, kMillisecond));
  }
}

// The handshake, the request, and one more round trip each time a server has to wait for room in
// its congestion window, which begins with 10 segments (RFC 6928) and doubles.
double WorkloadFitter::lifetime() const {
  constexpr double kSegment = 1448;
  constexpr double kInitialWindow = 10;
  const double segments = std::ceil(static_cast<double>(fit_.parameters.response_bytes) / kSegment);
  const double windows = std::max(1.0, std::ceil(std::log2(segments / kInitialWindow + 1)));
  return (1 + windows) * to_seconds(fit_.round_trip) + to_seconds(fit_.service) +
         to_seconds(fit_.parameters.hold);
}

void WorkloadFitter::fit_concurrency() {
  workload::ClientParameters& p = fit_.parameters;
  if (p.kind == Kind::datagrams) return;
  double open = 0;  // s
  for (const Conversation* c : members_) open += to_seconds(c->end);
  const auto peak = static_cast<double>(most_at_once(members_));
  // Of a span shorter than a conversation the mean would be above what was ever open at once.
  const double average = std::min(open / std::max(to_seconds(p.end - p.begin), kMillisecond), peak);
  double fitted = 0;
  if (p.kind == Kind::persistent_connections) {
    p.connections = static_cast<std::uint32_t>(std::max(1.0, std::round(average)));
    fitted = p.connections;
    add_row({"connections opened", static_cast<double>(members_.size()), fitted,
             relative(static_cast<double>(members_.size()), fitted, 1), Unit::count, ""});
    p.connections = std::max(p.connections, fit_.clients);  // one each at least
    fitted = p.connections;
  } else {
    fitted = p.rate_per_second * lifetime();
  }
  add_row({"connections open on average", average, fitted, relative(average, fitted, 1),
           Unit::count, ""});
  add_row({"connections open at the most", peak, fitted, relative(peak, fitted, 1), Unit::count,
           p.kind == Kind::short_connections ? "fitted: the average" : ""});
}

void WorkloadFitter::note(std::uint64_t n, const std::string& what) {
  if (n > 0) fit_.not_expressed.push_back(std::to_string(n) + " " + what);
}

void WorkloadFitter::note_the_rest() {
  const auto count = [&](auto condition) {
    return static_cast<std::uint64_t>(std::count_if(
        members_.begin(), members_.end(), [&](const Conversation* c) { return condition(*c); }));
  };
  note(unasked_, "words of the server that nobody asked for");
  note(count([](const Conversation& c) { return c.opening == Opening::midstream; }),
       "connections were under way when the capture began");
  note(count([](const Conversation& c) { return c.half_closed; }),
       "connections in which the client finished before the answer");
  note(count([&](const Conversation& c) { return !all_.clients[c.client].is_v4(); }),
       "conversations over IPv6, imported as IPv4");
  const double think = mean_of(thinks_);
  if (fit_.parameters.kind == Kind::short_connections && think > kMillisecond) {
    fit_.not_expressed.push_back("a pause of " + std::to_string(std::llround(think * 1e3)) +
                                 " ms between connection and request");
  }
  if (fit_.parameters.kind == Kind::short_connections && fit_.requests > fit_.conversations) {
    note(fit_.requests - fit_.conversations,
         "further requests on a connection, taken for one with the first");
  }
  if (fit_.parameters.kind == Kind::datagrams && fit_.requests > fit_.conversations) {
    fit_.not_expressed.push_back(
        "flows of several requests: here each comes from a port of its own");
  }
}

}  // namespace elblab::pcap

#include "pcap/replay/roles.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "pcap/link_layer.hpp"
#include "pcap/replay/guess.hpp"
#include "pcap/replay/packet_batch.hpp"
#include "pcap/replay/rewriting.hpp"
#include "pcap/replay/survey.hpp"

namespace elblab::replay {
namespace {

using config::LoadBalancer;

constexpr std::uint64_t kEnoughPackets = 65'536;
constexpr std::size_t kMostNamed = 5;

// One reading of the capture.
class Scan {
 public:
  Scan(Balancers balancers, const std::vector<EndpointRule>& rules,
       const std::vector<net::Subnet>& probe_sources)
      : plan_(balancers), renaming_(rules), rules_(rules), survey_(plan_) {
    for (const LoadBalancer& balancer : balancers) {
      plan_.add_probe_sources(probes::ProbeSources::of(balancer, probe_sources));
    }
  }

  // whole: also what a guess or an error message needs.
  void read(pcap::Reader& reader, bool whole) {
    pcap::Record record;
    while ((whole || !enough()) && reader.next(record)) {
      const pcap::Frame frame = pcap::open_frame(record.link_type, record.bytes);
      if (frame.content != pcap::FrameContent::ip) continue;
      ++ip_packets_;
      batch_.add(record, frame.packet);
      PacketBatch::Packet& packet = batch_.packets().front();
      if (packet.error == net::ParseError::none) {
        renaming_.apply(packet.view);
        survey_.add(packet.view);
      }
      batch_.clear();
    }
  }

  const Survey& survey() const { return survey_; }
  std::uint64_t ip_packets() const { return ip_packets_; }
  bool occurs() const {
    return survey_.on(Leg::elsewhere) + survey_.on(Leg::beside_server) < survey_.packets();
  }
  // The first rule whose endpoint was not met.
  const EndpointRule* unmet() const {
    for (std::size_t i = 0; i < rules_.size(); ++i) {
      if (renaming_.met(i) == 0) return &rules_[i];
    }
    return nullptr;
  }

 private:
  bool enough() const {
    return survey_.packets() >= kEnoughPackets && occurs() && unmet() == nullptr;
  }

  AddressPlan plan_;
  Renaming renaming_;
  const std::vector<EndpointRule>& rules_;
  Survey survey_;
  PacketBatch batch_;
  std::uint64_t ip_packets_ = 0;
};

Side side_of(const Survey& survey) {
  const auto on = [&](Leg leg) { return survey.with_ports_on(leg); };
  const bool answers_out = on(Leg::virtual_to_client) > 0;
  const bool balancer_out = answers_out || on(Leg::pool_to_server) > 0;
  const bool answers_in = on(Leg::server_to_pool) + on(Leg::server_to_client) > 0;
  const bool servers = answers_in || on(Leg::client_to_server) + on(Leg::pool_to_server) > 0;
  if (survey.on(Leg::client_to_virtual) == 0 && !answers_out) {
    return servers ? Side::server_side : Side::before_balancer;
  }
  if (!balancer_out) {
    // Requests that reach servers without an answer anywhere were passed on by the balancer.
    const bool passed_on = !answers_in && on(Leg::client_to_server) > 0;
    return passed_on ? Side::both_sides : Side::before_balancer;
  }
  return servers ? Side::both_sides : Side::client_side;
}

std::string addresses_text(Balancers balancers) {
  std::vector<std::string> all;
  for (const LoadBalancer& balancer : balancers) all.push_back(balancer.address.to_string());
  return fmt::format("{}", fmt::join(all, " or "));
}

std::string servers_text(Balancers balancers) {
  std::vector<std::string> names;
  for (const LoadBalancer& balancer : balancers) {
    for (const auto& group : balancer.groups) {
      for (const auto& server : group.servers) {
        if (names.size() == kMostNamed) return fmt::format("{}, …", fmt::join(names, ", "));
        names.push_back(net::Endpoint{server.address, server.port}.to_string());
      }
    }
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string what_occurs(const Survey& survey) {
  const std::vector<Service> services = survey.services();
  std::string text;
  for (std::size_t i = 0; i < std::min(services.size(), kMostNamed); ++i) {
    text += fmt::format("    {} {}\n", net::to_string(services[i].protocol),
                        sentence_about(services[i], services));
  }
  if (!text.empty()) return text;
  const auto addresses = survey.busiest_addresses();
  for (std::size_t i = 0; i < std::min(addresses.size(), kMostNamed); ++i) {
    text += fmt::format("    {} receives {} packets\n", addresses[i].first.to_string(),
                        addresses[i].second);
  }
  return text;
}

// What to write for --map: the service asked most, and the first listener.
std::string suggestion(const Survey& survey, Balancers balancers) {
  const auto services = survey.services();
  const std::string captured =
      services.empty() ? "ADDRESS:PORT" : services.front().endpoint.to_string();
  const std::string listener =
      balancers.front().listeners.empty() ? "LISTENER" : balancers.front().listeners.front().name;
  return fmt::format("--map {}={}", captured, listener);
}

std::string nothing_occurs(const std::string& capture, const Survey& survey, Balancers balancers,
                           bool guessed) {
  return fmt::format(
      "{}: neither the balancer's address {} nor a server of it ({}) occurs in this capture.\n"
      "  What occurs most:\n{}"
      "  {}Say what is what: {} names a listener, --map-server ADDRESS:PORT=GROUP/SERVER a "
      "server{}.",
      capture, addresses_text(balancers), servers_text(balancers), what_occurs(survey),
      guessed ? "--guess found nothing that fits the balancer's listeners. " : "",
      suggestion(survey, balancers), guessed ? "" : "; --guess tries by itself");
}

std::string sentence_about_side(const Survey& survey, Balancers balancers, Side side) {
  const std::uint64_t others = survey.on(Leg::elsewhere) + survey.on(Leg::beside_server);
  if (survey.on(Leg::probe) > 0 && survey.on(Leg::probe) + others == survey.packets()) {
    return "of the balancer nothing but probes of its health checks occurs";
  }
  switch (side) {
    case Side::before_balancer:
      return fmt::format(
          "{} is asked and none of a balancer's own packets occur: everything is taken as what "
          "goes into the balancer",
          addresses_text(balancers));
    case Side::client_side:
      return fmt::format(
          "{} is asked and answers, no server occurs: taken on the client side; its answers are "
          "brought into the flows to the servers that are chosen now",
          addresses_text(balancers));
    case Side::server_side:
      return fmt::format(
          "servers occur, {} does not: taken on the server side; requests are brought back to the "
          "listener{}",
          addresses_text(balancers),
          survey.on(Leg::pool_to_server) > 0
              ? ", a stand-in from 198.18.0.0/15 for each client behind a source address"
              : "");
    case Side::both_sides:
      break;
  }
  return fmt::format(
      "{} and servers occur: taken on both sides; what left the captured balancer is compared, not "
      "fed in",
      addresses_text(balancers));
}

}  // namespace

Expected<Roles> find_roles(pcap::Reader& reader, const std::string& capture_name,
                           Balancers balancers, const RoleRequest& request) {
  Roles roles;
  roles.rules = request.rules;
  if (request.guess) {
    const std::vector<EndpointRule> none;
    Scan scan(balancers, none, request.probe_sources);
    scan.read(reader, true);
    if (auto rewound = reader.rewind(); !rewound) return rewound.error();
    if (!scan.occurs()) {
      Guess guess = guess_roles(scan.survey(), balancers.front());
      // What was asked for goes before what is guessed.
      roles.rules.insert(roles.rules.end(), guess.rules.begin(), guess.rules.end());
      roles.sentences = std::move(guess.sentences);
    }
  }
  const std::vector<EndpointRule> rules = roles.rules;
  Scan scan(balancers, rules, request.probe_sources);
  scan.read(reader, false);
  if (auto rewound = reader.rewind(); !rewound) return rewound.error();
  if (scan.ip_packets() == 0) {
    return Error{capture_name + ": holds no IP packet that could be replayed"};
  }
  if (scan.survey().packets() == 0) {  // fragments, damaged packets: the engine says which
    roles.side = Side::before_balancer;
    roles.sentences.push_back("no packet can be read beyond its IP header: all go to the engine");
    return roles;
  }
  if (const EndpointRule* rule = scan.unmet(); rule != nullptr && !request.guess) {
    const bool listener = rule->part == EndpointRule::Part::listener;
    return Error{fmt::format("--{} {}={}: {} does not occur in {}.\n  What occurs most:\n{}",
                             listener ? "map" : "map-server", rule->captured.to_string(),
                             rule->name, rule->captured.to_string(), capture_name,
                             what_occurs(scan.survey()))};
  }
  if (!scan.occurs()) {
    return Error{nothing_occurs(capture_name, scan.survey(), balancers, request.guess)};
  }
  roles.side = side_of(scan.survey());
  roles.sentences.push_back(sentence_about_side(scan.survey(), balancers, roles.side));
  return roles;
}

}  // namespace elblab::replay

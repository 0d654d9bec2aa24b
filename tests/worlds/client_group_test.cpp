// How a workload is shared out over hosts and addresses, by arithmetic.
#include "worlds/client_group.hpp"

#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <set>
#include <utility>

#include "models/workload/arrivals.hpp"
#include "models/workload/conversation_script.hpp"
#include "models/workload/script_cursor.hpp"

namespace elblab::worlds::test {
namespace {

using namespace std::chrono_literals;
using net::IpAddress;
using workload::ClientParameters;

std::vector<IpAddress> addresses(std::uint8_t network, std::size_t count) {
  std::vector<IpAddress> result;
  for (std::size_t i = 0; i < count; ++i) {
    result.push_back(IpAddress::v4(10, network, 0, 1).plus(i));
  }
  return result;
}

// The first arrivals of all parts together, in ns, by the process that the clients use.
std::vector<std::int64_t> arrivals_of(const std::vector<ClientPart>& parts, std::size_t count) {
  std::vector<std::int64_t> arrivals;
  for (const ClientPart& part : parts) {
    const ClientParameters& p = part.parameters;
    workload::ArrivalProcess process(p.arrivals, p.rate_per_second, random::Stream(1, "unused"),
                                     p.on_off);
    process.start(p.begin, p.end);
    for (std::size_t i = 0; i < count; ++i, process.take()) {
      arrivals.push_back(process.next().time_since_epoch().count());
    }
  }
  std::sort(arrivals.begin(), arrivals.end());
  arrivals.resize(count);
  return arrivals;
}

ClientParameters some_load(random::Stream& stream) {
  using workload::Kind;
  ClientParameters whole;
  whole.kind = std::array{Kind::short_connections, Kind::persistent_connections,
                          Kind::datagrams}[stream.below(3)];
  const bool closed_loop = whole.kind == Kind::persistent_connections || stream.chance(0.5);
  if (closed_loop) whole.connections = static_cast<std::uint32_t>(1 + stream.below(70));
  if (!closed_loop || stream.chance(0.7)) whole.rate_per_second = stream.uniform() * 2000;
  if (stream.chance(0.3)) whole.arrivals = workload::Arrivals::poisson;
  if (stream.chance(0.3)) whole.on_off = {.on = 70ms, .off = 300ms};
  whole.begin = kStart + Duration(stream.below(2'000'000'000));
  return whole;
}

std::vector<std::string> texts(const std::vector<IpAddress>& all) {
  std::vector<std::string> result;
  for (const IpAddress& address : all) result.push_back(address.to_string());
  return result;
}

void check_sums(const ClientParameters& whole, const std::vector<ClientPart>& parts) {
  std::uint64_t connections = 0;
  double rate = 0;
  for (const ClientPart& part : parts) {
    connections += part.parameters.connections;
    rate += part.parameters.rate_per_second;
    BOOST_REQUIRE((part.parameters.connections > 0) == (whole.connections > 0));
  }
  BOOST_REQUIRE(connections == whole.connections);
  BOOST_REQUIRE(std::abs(rate - whole.rate_per_second) <= 1e-9 * whole.rate_per_second);
}

// Hosts have as many connections as one another, but for one, and so have the addresses of a host;
// hosts that take part have the same rate, and so have the addresses of a host that do.
void check_fairness(const ClientParameters& whole,
                    const std::vector<std::vector<IpAddress>>& sources,
                    const std::vector<ClientPart>& parts) {
  std::vector<std::uint32_t> of_host(sources.size());
  std::vector<double> rate_of_host(sources.size());
  std::vector<std::vector<std::uint32_t>> of_address(sources.size());
  for (const ClientPart& part : parts) {
    of_host[part.host] += part.parameters.connections;
    rate_of_host[part.host] += part.parameters.rate_per_second;
    of_address[part.host].push_back(part.parameters.connections);
  }
  const auto even = [](const std::vector<std::uint32_t>& numbers) {
    const auto [least, most] = std::minmax_element(numbers.begin(), numbers.end());
    return *most - *least <= 1;
  };
  BOOST_REQUIRE(even(of_host));
  std::size_t hosts = 0;
  for (std::size_t h = 0; h < sources.size(); ++h) {
    if (of_address[h].empty()) continue;
    ++hosts;
    const std::size_t wanted = whole.connections > 0
                                   ? std::min<std::size_t>(sources[h].size(), of_host[h])
                                   : sources[h].size();
    BOOST_REQUIRE(of_address[h].size() == wanted);
    BOOST_REQUIRE(even(of_address[h]));
  }
  for (const ClientPart& part : parts) {
    const double each = whole.rate_per_second / static_cast<double>(hosts) /
                        static_cast<double>(of_address[part.host].size());
    BOOST_REQUIRE(std::abs(part.parameters.rate_per_second - each) <= 1e-9 * each);
  }
}

void check_sources(const std::vector<std::vector<IpAddress>>& sources,
                   const std::vector<ClientPart>& parts) {
  std::set<std::pair<std::size_t, IpAddress>> used;
  for (const ClientPart& part : parts) {
    const auto& own = sources.at(part.host);
    BOOST_REQUIRE(std::find(own.begin(), own.end(), part.source) != own.end());
    BOOST_REQUIRE(used.emplace(part.host, part.source).second);
  }
}

// Those of one client, but for rounding.
void check_arrivals(const ClientParameters& whole, const std::vector<ClientPart>& parts) {
  constexpr std::size_t kMany = 120;
  const auto together = arrivals_of(parts, kMany);
  const auto alone = arrivals_of({{0, {}, whole}}, kMany);
  for (std::size_t i = 0; i < kMany; ++i) {
    BOOST_REQUIRE_MESSAGE(std::abs(together[i] - alone[i]) <= 2,
                          "arrival " << i << " at " << together[i] << " ns, not " << alone[i]);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(client_group)

BOOST_AUTO_TEST_CASE(users_who_roam_have_the_addresses_of_their_host_divided_among_them) {
  ClientParameters whole;
  whole.connections = 3;
  whole.roaming.every = 30s;
  const auto parts = split_workload(whole, {addresses(1, 5), addresses(2, 3)});
  BOOST_REQUIRE_EQUAL(parts.size(), 3U);
  const std::vector<std::vector<std::string>> expected{{"10.1.0.1", "10.1.0.3", "10.1.0.5"},
                                                       {"10.1.0.2", "10.1.0.4"},
                                                       {"10.2.0.1", "10.2.0.2", "10.2.0.3"}};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const workload::Roaming& roaming = parts[i].parameters.roaming;
    BOOST_TEST(texts(roaming.addresses) == expected[i], boost::test_tools::per_element());
    BOOST_TEST((parts[i].source == roaming.addresses.front()));
    // Each moves once in every 30 s, one 10 s after the other.
    BOOST_TEST((roaming.first == 10s * static_cast<int>(i + 1)));
  }
}

BOOST_AUTO_TEST_CASE(rate_is_shared_by_host_then_by_address) {
  ClientParameters whole;
  whole.rate_per_second = 120;
  const auto parts = split_workload(whole, {addresses(1, 1), addresses(2, 3)});
  BOOST_REQUIRE_EQUAL(parts.size(), 4);
  BOOST_TEST(parts[0].parameters.rate_per_second == 60);
  for (std::size_t i = 1; i < 4; ++i) {
    BOOST_TEST(parts[i].host == 1);
    BOOST_TEST(parts[i].parameters.rate_per_second == 20);
    BOOST_TEST((parts[i].source == IpAddress::v4(10, 2, 0, static_cast<std::uint8_t>(i))));
  }
}

BOOST_AUTO_TEST_CASE(uniform_parts_together_are_uniform) {
  ClientParameters whole;
  whole.rate_per_second = 1000;
  const auto arrivals = arrivals_of(split_workload(whole, {addresses(1, 2), addresses(2, 2)}), 100);
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    BOOST_TEST(arrivals[i] == static_cast<std::int64_t>(i) * 1'000'000);  // one per ms
  }
}

BOOST_AUTO_TEST_CASE(uniform_parts_are_uniform_where_hosts_have_different_numbers_of_addresses) {
  ClientParameters whole;
  whole.rate_per_second = 1;
  const auto arrivals = arrivals_of(split_workload(whole, {addresses(1, 1), addresses(2, 3)}), 60);
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    BOOST_TEST(arrivals[i] == static_cast<std::int64_t>(i) * 1'000'000'000);
  }
}

BOOST_AUTO_TEST_CASE(bursts_of_the_parts_together_are_those_of_one_client) {
  ClientParameters whole;
  whole.rate_per_second = 100;
  whole.begin = kStart + 3s;
  whole.on_off = {.on = 25ms, .off = 100ms};
  const auto arrivals = arrivals_of(split_workload(whole, {addresses(1, 1), addresses(2, 3)}), 50);
  // 0, 10 and 20 ms into the first burst, 5 and 15 ms into the second, and again.
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    const auto on_ms = static_cast<std::int64_t>(i) * 10;
    BOOST_TEST(arrivals[i] == (3'000 + on_ms + on_ms / 25 * 100) * 1'000'000);
  }
}

BOOST_AUTO_TEST_CASE(fewer_connections_than_addresses_share_the_whole_rate) {
  ClientParameters whole;
  whole.kind = workload::Kind::persistent_connections;
  whole.connections = 2;
  whole.rate_per_second = 10;
  const auto parts = split_workload(whole, {addresses(1, 4)});
  BOOST_REQUIRE_EQUAL(parts.size(), 2);
  for (const ClientPart& part : parts) {
    BOOST_TEST(part.parameters.connections == 1);
    BOOST_TEST(part.parameters.rate_per_second == 5);
  }
}

// The law, for any hosts and addresses: nothing of the whole is lost or made up, and what can be
// even is even.
BOOST_AUTO_TEST_CASE(parts_add_up_to_the_whole) {
  random::Stream stream(1, "parts");
  for (int round = 0; round < 3000; ++round) {
    std::vector<std::vector<IpAddress>> sources(1 + stream.below(6));
    const bool alike = stream.chance(0.3);
    const std::size_t same = 1 + stream.below(9);
    for (std::size_t h = 0; h < sources.size(); ++h) {
      sources[h] = addresses(static_cast<std::uint8_t>(h), alike ? same : 1 + stream.below(9));
    }
    const ClientParameters whole = some_load(stream);
    const auto parts = split_workload(whole, sources);
    BOOST_TEST_CONTEXT(round << ": " << sources.size() << " hosts, " << whole.connections
                             << " connections, " << whole.rate_per_second << "/s") {
      BOOST_REQUIRE(!parts.empty());
      check_sums(whole, parts);
      check_fairness(whole, sources, parts);
      check_sources(sources, parts);
      if (whole.arrivals == workload::Arrivals::uniform && whole.rate_per_second > 0) {
        check_arrivals(whole, parts);
      }
    }
  }
}

// Client i of a script is played by exactly one part, from the i-th of all addresses.
BOOST_AUTO_TEST_CASE(every_conversation_of_a_script_is_played_once) {
  random::Stream stream(2, "scripts");
  for (int round = 0; round < 200; ++round) {
    auto script = std::make_shared<workload::ConversationScript>();
    script->clients = static_cast<std::uint32_t>(1 + stream.below(40));
    script->conversations.resize(stream.below(60));
    for (auto& conversation : script->conversations) {
      conversation.client = static_cast<std::uint32_t>(stream.below(script->clients));
    }
    std::vector<std::vector<IpAddress>> sources(1 + stream.below(5));
    std::vector<IpAddress> all;
    for (std::size_t h = 0; h < sources.size(); ++h) {
      sources[h] = addresses(static_cast<std::uint8_t>(h), 1 + stream.below(7));
      all.insert(all.end(), sources[h].begin(), sources[h].end());
    }
    ClientParameters whole;
    whole.kind = workload::Kind::conversations;
    whole.script = script;
    std::vector<int> played(script->conversations.size());
    for (const ClientPart& part : split_workload(whole, sources)) {
      workload::ScriptCursor cursor(part.parameters, part.source);
      cursor.start(kStart, kNever);
      while (cursor.next() != kNever) {
        const std::uint32_t index = cursor.take();
        ++played[index];
        BOOST_TEST((cursor.source_of(index).address ==
                    all[script->conversations[index].client % all.size()]));
      }
    }
    BOOST_TEST((std::count(played.begin(), played.end(), 1) == std::ssize(played)));
  }
}

// One application per host, with all its addresses, as connections move among them.
BOOST_AUTO_TEST_CASE(quic_connections_are_shared_over_hosts_and_keep_their_hosts_addresses) {
  ClientParameters whole;
  whole.kind = workload::Kind::quic;
  whole.connections = 7;
  whole.rate_per_second = 30;
  whole.end = kStart + 10s;
  const std::vector<std::vector<IpAddress>> sources{addresses(1, 3), addresses(2, 1),
                                                    addresses(3, 5)};
  const auto parts = split_workload(whole, sources);
  BOOST_REQUIRE_EQUAL(parts.size(), 3u);
  std::uint32_t connections = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    BOOST_TEST(parts[i].host == i);
    BOOST_TEST((parts[i].parameters.addresses == sources[i]));
    BOOST_TEST(parts[i].parameters.rate_per_second == 10.0);
    connections += parts[i].parameters.connections;
  }
  BOOST_TEST(connections == 7u);
  // Together they are those of one client.
  const auto arrivals = arrivals_of(parts, 60);
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    BOOST_TEST(std::abs(arrivals[i] - static_cast<std::int64_t>(i) * 1'000'000'000 / 30) <= 2);
  }
  whole.connections = 2;
  BOOST_TEST(split_workload(whole, sources).size() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::worlds::test

#include "models/config/validation.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <functional>

#include "tests/config/sample_balancer.hpp"

namespace elblab::config {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

net::IpAddress ip(const char* text) { return *net::IpAddress::parse(text); }

struct Row {
  const char* profile;
  const char* field;  // "" when nothing is wrong
  const char* fact;
  std::function<void(LoadBalancer&)> spoil;
};

std::string describe(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& p : problems) text += p.field + ": " + p.message + " [" + p.fact + "]\n";
  return text;
}

void check(const Row& row) {
  LoadBalancer balancer = sample_balancer(row.profile);
  row.spoil(balancer);
  const auto problems = validate(balancer);
  const std::string found = describe(problems);
  if (*row.field == 0) {
    BOOST_CHECK_MESSAGE(problems.empty(), found);
    return;
  }
  const bool named = std::any_of(problems.begin(), problems.end(), [&](const Problem& p) {
    return p.field == row.field && p.fact == row.fact && !p.message.empty();
  });
  BOOST_CHECK_MESSAGE(named, "wanted " << row.field << " [" << row.fact << "], found " << found);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(validation)

BOOST_AUTO_TEST_CASE(accepts_a_plain_balancer_of_every_profile) {
  for (const char* profile : {"shared-2020", "shared", "dedicated"}) {
    check({profile, "", "", [](LoadBalancer&) {}});
  }
}

BOOST_AUTO_TEST_CASE(checks_ports_and_their_clashes) {
  const Row rows[] = {
      {"shared", "listeners.web.port", "PRT-01",
       [](auto& b) {
         b.listeners[0].port = {0, 0};
       }},
      {"shared", "listeners.web.port", "FTC-04",
       [](auto& b) {
         b.listeners[0].port = {80, 90};
       }},
      {"dedicated", "", "",
       [](auto& b) {
         b.listeners[0].port = {1, 65535};
       }},
      {"dedicated", "listeners.web.port", "PRT-01",
       [](auto& b) {
         b.listeners[0].port = {90, 80};
       }},
      {"dedicated", "", "",
       [](auto& b) {
         b.listeners[0].port = {1001, 2000};
         b.listeners[0].server_port = ServerPort::listening;
       }},
      {"dedicated", "listeners.web.server_port", "CON-12",  // a server would listen on too many
       [](auto& b) {
         b.listeners[0].port = {1000, 2000};
         b.listeners[0].server_port = ServerPort::listening;
       }},
      {"shared", "groups.app.servers.b1.port", "PRT-01",
       [](auto& b) { b.groups[0].servers[0].port = 0; }},
      // UDP may reuse the number of a TCP listener (PRT-02)
      {"shared", "", "", [](auto& b) { add_udp(b); }},
      {"shared", "listeners.other.port", "PRT-03",
       [](auto& b) {
         b.listeners.push_back(b.listeners[0]);
         b.listeners[1].name = "other";
       }},
      {"dedicated", "listeners.other.port", "PRT-03",
       [](auto& b) {
         b.listeners.push_back(b.listeners[0]);
         b.listeners[1].name = "other";
         b.listeners[1].port = {70, 80};
       }},
      {"shared", "listeners.other.port", "PRT-02",
       [](auto& b) {
         b.listeners.push_back(b.listeners[0]);
         b.listeners[1].name = "other";
         b.listeners[1].protocol = ListenerProtocol::http;
       }},
  };
  for (const Row& row : rows) check(row);
}

BOOST_AUTO_TEST_CASE(checks_which_group_serves_which_listener) {
  const Row rows[] = {
      {"shared", "listeners.web.group", "GEN-02", [](auto& b) { b.listeners[0].group = "ap"; }},
      {"shared", "listeners.web.group", "PRT-11",
       [](auto& b) { b.groups[0].protocol = BackendProtocol::udp; }},
      {"shared", "groups.app.servers", "GEN-01", [](auto& b) { b.groups[0].servers.clear(); }},
      {"shared", "listeners", "GEN-01", [](auto& b) { b.listeners.clear(); }},
      {"shared", "listeners.web", "GEN-02", [](auto& b) { b.listeners.push_back(b.listeners[0]); }},
      {"shared", "groups.app", "GEN-02", [](auto& b) { b.groups.push_back(b.groups[0]); }},
      {"shared", "groups.app.servers.b1", "GEN-03",
       [](auto& b) { b.groups[0].servers[1].name = "b1"; }},
      {"shared", "groups.app.servers.b2", "GEN-03",
       [](auto& b) { b.groups[0].servers[1].address = b.groups[0].servers[0].address; }},
  };
  for (const Row& row : rows) check(row);
}

BOOST_AUTO_TEST_CASE(checks_ranges_of_weights_and_timeouts) {
  const auto idle = [](Duration d) {
    return [d](LoadBalancer& b) { b.listeners[0].idle_timeout = d; };
  };
  const auto weight = [](std::uint8_t w) {
    return [w](LoadBalancer& b) { b.groups[0].servers[0].weight = w; };
  };
  const auto udp_idle = [](LoadBalancer& b) {
    add_udp(b);
    b.listeners[1].idle_timeout = seconds(60);
  };
  const Row rows[] = {
      {"shared", "", "", weight(100)},
      {"shared", "", "", weight(0)},
      {"shared", "groups.app.servers.b1.weight", "SCH-08", weight(101)},
      {"shared", "", "", idle(seconds(10))},
      {"shared", "", "", idle(seconds(4000))},
      {"shared", "listeners.web.idle_timeout", "TO-04", idle(seconds(4001))},
      {"dedicated", "listeners.web.idle_timeout", "TO-04", idle(std::chrono::milliseconds(9999))},
      {"shared-2020", "listeners.web.idle_timeout", "TO-02", idle(seconds(60))},
      {"shared-2020", "", "", idle(seconds(300))},
      {"dedicated", "", "", udp_idle},
      {"shared", "listeners.resolver.idle_timeout", "TO-05", udp_idle},
      {"shared", "tcp_timeouts.handshake", "TO-01",
       [](auto& b) { b.tcp_timeouts.handshake = Duration(0); }},
      {"shared", "udp_idle_timeout", "OPEN-06", [](auto& b) { b.udp_idle_timeout = seconds(-1); }},
      {"shared", "listeners.web.request_timeout", "TO-08",
       [](auto& b) { b.listeners[0].request_timeout = seconds(60); }},
      {"shared", "listeners.web.response_timeout", "TO-10",
       [](auto& b) { b.listeners[0].response_timeout = seconds(60); }},
      {"shared", "nodes.lvs", "GEN-04", [](auto& b) { b.nodes.lvs = 0; }},
      {"shared", "source_pool.addresses", "BW-10",
       [](auto& b) { b.source_pool.addresses = 65536; }},
      {"shared", "connection_limit", "GEN-14", [](auto& b) { b.connection_limit = 0; }},
  };
  for (const Row& row : rows) check(row);
}

BOOST_AUTO_TEST_CASE(checks_what_the_profile_lets_one_change) {
  const Row rows[] = {
      {"shared", "", "", [](auto& b) { b.listeners[0].transfer_client_ip = true; }},
      {"dedicated", "", "", [](auto& b) { b.listeners[0].transfer_client_ip = true; }},
      {"dedicated", "listeners.web.transfer_client_ip", "SRC-03",
       [](auto& b) { b.listeners[0].transfer_client_ip = false; }},
      {"shared", "ip_as_backend", "IPB-01", [](auto& b) { b.ip_as_backend = true; }},
      {"dedicated", "", "", [](auto& b) { b.ip_as_backend = true; }},
      {"dedicated", "groups.app.servers.b1.by_ip_address", "IPB-01",
       [](auto& b) { b.groups[0].servers[0].by_ip_address = true; }},
      {"dedicated", "", "",
       [](auto& b) {
         b.ip_as_backend = true;
         b.groups[0].servers[0].by_ip_address = true;
       }},
      {"shared", "address_v6", "FWD-19", [](auto& b) { b.address_v6 = ip("2001:db8::10"); }},
      {"dedicated", "", "", [](auto& b) { b.address_v6 = ip("2001:db8::10"); }},
      {"dedicated", "address_v6", "ADR-07", [](auto& b) { b.address_v6 = ip("192.0.2.1"); }},
  };
  for (const Row& row : rows) check(row);
}

BOOST_AUTO_TEST_CASE(checks_addresses_an_operator_gets_wrong) {
  const auto server = [](const char* text) {
    return [text](LoadBalancer& b) { b.groups[0].servers[0].address = ip(text); };
  };
  const char* const field = "groups.app.servers.b1.address";
  const Row rows[] = {
      {"shared", "address", "ADR-02", [](auto& b) { b.address = net::IpAddress(); }},
      {"shared", "address", "ADR-11", [](auto& b) { b.address = ip("100.125.3.4"); }},
      {"shared", field, "ADR-02", server("198.51.100.10")},
      {"shared", field, "ADR-11", server("100.125.0.9")},
      {"shared", field, "GEN-03", server("0.0.0.0")},
      {"shared", field, "GEN-03", server("127.0.0.1")},
      {"shared", field, "FWD-19", server("2001:db8::1")},
      {"dedicated", field, "FWD-19", server("2001:db8::1")},  // the virtual address is IPv4 only
      {"dedicated", "", "",
       [](auto& b) {
         b.address_v6 = ip("2001:db8::10");
         b.groups[0].servers[0].address = ip("2001:db8::1");
       }},
      {"dedicated", field, "ADR-09",
       [](auto& b) {
         b.ip_as_backend = true;
         b.address_v6 = ip("2001:db8::10");
         b.groups[0].servers[0].address = ip("2001:db8::1");
       }},
  };
  for (const Row& row : rows) check(row);
}

BOOST_AUTO_TEST_CASE(checks_that_full_nat_has_a_pool_it_can_use) {
  const auto full_nat = [](std::function<void(LoadBalancer&)> more) {
    return [more](LoadBalancer& b) {
      b.ip_as_backend = true;
      more(b);
    };
  };
  const Row rows[] = {
      {"dedicated", "source_pool.addresses", "BW-09",
       full_nat([](auto& b) { b.source_pool.addresses = 0; })},
      {"dedicated", "source_pool.addresses", "ADR-03", full_nat([](auto& b) { b.nodes.lvs = 3; })},
      {"dedicated", "source_pool.addresses", "FWD-06",
       full_nat([](auto& b) { b.backend_subnet = *net::Subnet::parse("10.0.1.0/30"); })},
      {"dedicated", "backend_subnet", "FWD-06",
       full_nat([](auto& b) { b.backend_subnet = net::Subnet(); })},
      {"dedicated", "groups.app.servers.b1.address", "FWD-06",
       full_nat([](auto& b) { b.groups[0].servers[0].address = ip("10.0.1.254"); })},
      {"dedicated", "address", "FWD-06", full_nat([](auto& b) { b.address = ip("10.0.1.253"); })},
      {"dedicated", "", "", [](auto& b) { b.source_pool.addresses = 0; }},  // not used
      {"shared", "source_pool.ports", "BW-10",
       [](auto& b) {
         b.source_pool.ports = {0, 10};
       }},
      {"shared", "source_pool.ports", "BW-10",
       [](auto& b) {
         b.source_pool.ports = {9, 8};
       }},
  };
  for (const Row& row : rows) check(row);
}

BOOST_AUTO_TEST_CASE(takes_health_checks_in_their_ranges_and_refuses_what_means_nothing) {
  const auto probe = [](std::function<void(HealthCheck&)> change) {
    return [change](LoadBalancer& b) {
      HealthCheck check_;
      change(check_);
      b.groups[0].health_check = check_;
    };
  };
  const auto http = [](std::string path, std::string domain) {
    return [path, domain](HealthCheck& h) {
      h.protocol = ProbeProtocol::http;
      h.path = path;
      h.domain_name = domain;
    };
  };
  const Row rows[] = {
      {"shared", "", "", probe([](auto&) {})},
      {"shared", "", "", probe([](auto& h) { h.timeout = seconds(10); })},  // HC-05 clamps
      {"dedicated", "groups.app.health_check.protocol", "HC-02",
       probe([](auto& h) { h.protocol = ProbeProtocol::https; })},
      {"shared", "groups.app.health_check.interval", "HC-03",
       probe([](auto& h) { h.interval = seconds(51); })},
      {"shared", "groups.app.health_check.timeout", "HC-04",
       probe([](auto& h) { h.timeout = Duration(0); })},
      {"shared", "groups.app.health_check.retries", "HC-06",
       probe([](auto& h) { h.retries = 11; })},
      {"shared", "groups.app.health_check.port", "HC-07", probe([](auto& h) { h.port = 0; })},
      {"shared", "groups.app.health_check.protocol", "HC-01",
       probe([](auto& h) { h.protocol = ProbeProtocol::udp; })},
      {"shared", "", "", probe(http("/chat/try/", "www.example.com"))},
      {"shared", "groups.app.health_check.path", "HC-08", probe(http("chat", ""))},
      {"shared", "", "", probe(http("/" + std::string(79, 'a'), ""))},
      {"shared", "groups.app.health_check.path", "HC-08",
       probe(http("/" + std::string(80, 'a'), ""))},
      {"shared", "groups.app.health_check.domain_name", "HC-09", probe(http("", "-a.example"))},
      {"shared", "groups.app.health_check.domain_name", "HC-09", probe(http("", "a b"))},
      {"shared", "groups.app.health_check.path", "HC-08", probe([](auto& h) { h.path = "/"; })},
      {"shared", "groups.app.health_check.domain_name", "HC-09",
       probe([](auto& h) { h.domain_name = "www.example.com"; })},  // of TCP
      {"shared", "groups.app.no_healthy_server", "HC-16",
       [](auto& b) { b.groups[0].no_healthy_server = NoHealthyServer::drop; }},
      {"shared", "groups.app.unhealthy_connections", "HC-16",
       [](auto& b) { b.groups[0].unhealthy_connections = UnhealthyConnections::cut; }},
      // HC-20: no ports are left for probes above those of fullNAT.
      {"shared", "source_pool.ports", "HC-20",
       [&](auto& b) {
         probe([](auto&) {})(b);
         b.probe_source = ProbeSource::source_pool;
         b.source_pool.ports = {1024, 65000};
       }},
      {"shared", "", "",
       [&](auto& b) {
         probe([](auto&) {})(b);
         b.probe_source = ProbeSource::source_pool;
         b.source_pool.ports = {1024, 60999};
       }},
  };
  for (const Row& row : rows) check(row);
}

BOOST_AUTO_TEST_CASE(checks_access_control_against_what_the_profile_knows) {
  using Kind = AccessControl::Kind;
  const auto access = [](Kind kind, std::vector<net::Subnet> entries) {
    return [kind, entries](auto& b) { b.listeners[0].access = AccessControl{kind, entries}; };
  };
  const std::vector<net::Subnet> v4{*net::Subnet::parse("10.168.16.0/24")};
  const std::vector<net::Subnet> v6{*net::Subnet::parse("2001:db8::/32")};
  const std::vector<net::Subnet> most(300, v4[0]);
  const std::vector<net::Subnet> too_many(301, v4[0]);
  const Row rows[] = {
      {"shared-2020", "", "", access(Kind::whitelist, v4)},
      {"shared-2020", "", "", access(Kind::whitelist, {})},  // ACL-03
      {"shared-2020", "", "", access(Kind::whitelist, most)},
      {"shared-2020", "listeners.web.access.entries", "LIM-03", access(Kind::whitelist, too_many)},
      {"shared-2020", "listeners.web.access.entries", "ACL-06", access(Kind::whitelist, v6)},
      {"shared-2020", "listeners.web.access.kind", "ACL-04", access(Kind::blacklist, v4)},
      {"shared", "", "", access(Kind::blacklist, too_many)},
      {"shared", "listeners.web.access.entries", "ACL-06", access(Kind::blacklist, v6)},
      {"dedicated", "", "", access(Kind::blacklist, v6)},
  };
  for (const Row& row : rows) check(row);
}

BOOST_AUTO_TEST_CASE(refuses_settings_of_the_source_hash_beside_another_algorithm) {
  const auto group = [](Algorithm algorithm, bool settings) {
    return [=](auto& b) {
      b.groups[0].algorithm = algorithm;
      if (settings) b.groups[0].source_hash = SourceHash{SourceHash::Kind::table, 3};
    };
  };
  const Row rows[] = {
      {"shared", "", "", group(Algorithm::source_ip_hash, false)},
      {"shared", "", "", group(Algorithm::source_ip_hash, true)},
      {"shared", "", "", group(Algorithm::weighted_least_connections, false)},
      {"shared", "groups.app.source_hash", "SCH-06",
       group(Algorithm::weighted_least_connections, true)},
      {"shared", "groups.app.source_hash", "SCH-06", group(Algorithm::weighted_round_robin, true)},
  };
  for (const Row& row : rows) check(row);
}

// SCH-02, T6-1: QUIC groups have the connection ID, and nobody else has it.
BOOST_AUTO_TEST_CASE(gives_quic_groups_the_connection_id_and_no_other_group) {
  const auto group = [](BackendProtocol protocol, Algorithm algorithm) {
    return [=](LoadBalancer& b) {
      if (protocol != BackendProtocol::tcp) b.listeners[0].protocol = ListenerProtocol::udp;
      b.groups[0].protocol = protocol;
      b.groups[0].algorithm = algorithm;
    };
  };
  const auto ids = [](Algorithm algorithm, std::uint8_t length, std::uint32_t capacity) {
    return [=](LoadBalancer& b) {
      b.listeners[0].protocol = ListenerProtocol::udp;
      const bool quic = algorithm == Algorithm::connection_id;
      b.groups[0].protocol = quic ? BackendProtocol::quic : BackendProtocol::udp;
      b.groups[0].algorithm = algorithm;
      b.groups[0].connection_ids = ConnectionIds{length, capacity, TableScope::per_node};
    };
  };
  constexpr auto kById = Algorithm::connection_id;
  const Row rows[] = {
      {"dedicated", "", "", group(BackendProtocol::quic, kById)},
      {"shared", "listeners.web.group", "PRT-11", group(BackendProtocol::quic, kById)},
      {"shared-2020", "listeners.web.group", "PRT-11", group(BackendProtocol::quic, kById)},
      {"dedicated", "groups.app.algorithm", "SCH-02", group(BackendProtocol::udp, kById)},
      {"shared", "groups.app.algorithm", "SCH-02", group(BackendProtocol::tcp, kById)},
      {"dedicated", "groups.app.algorithm", "SCH-02",
       group(BackendProtocol::quic, Algorithm::weighted_round_robin)},
      {"dedicated", "groups.app.algorithm", "SCH-02",
       group(BackendProtocol::quic, Algorithm::weighted_least_connections)},
      {"dedicated", "groups.app.algorithm", "SCH-02",
       group(BackendProtocol::quic, Algorithm::source_ip_hash)},
      {"dedicated", "", "", ids(kById, 0, 2)},
      {"dedicated", "", "", ids(kById, 20, 1u << 24)},
      {"dedicated", "groups.app.connection_ids.length", "SCH-02", ids(kById, 21, 64)},
      {"dedicated", "groups.app.connection_ids.capacity", "SCH-02", ids(kById, 8, 1)},
      {"dedicated", "groups.app.connection_ids.capacity", "SCH-02", ids(kById, 8, (1u << 24) + 1)},
      {"dedicated", "groups.app.connection_ids", "SCH-02", ids(Algorithm::source_ip_hash, 8, 64)},
      {"dedicated", "", "",
       [&](LoadBalancer& b) {
         group(BackendProtocol::quic, kById)(b);
         b.groups[0].source_hash = SourceHash{SourceHash::Kind::table, 3};
         b.groups[0].stickiness = Stickiness{};  // STK-22
       }},
  };
  for (const Row& row : rows) check(row);
}

// "each refused combination says which rule and which profile would allow it"
BOOST_AUTO_TEST_CASE(names_the_profiles_that_would_allow_it) {
  struct Refusal {
    const char* profile;
    const char* ending;
    std::function<void(LoadBalancer&)> spoil;
  };
  const auto quic = [](LoadBalancer& b) {
    b.listeners[0].protocol = ListenerProtocol::udp;
    b.groups[0].protocol = BackendProtocol::quic;
    b.groups[0].algorithm = Algorithm::connection_id;
  };
  const Refusal refusals[] = {
      {"shared", "; profile dedicated allows it", quic},
      {"shared", "with a quic group profile dedicated allows it",
       [](auto& b) { b.groups[0].algorithm = Algorithm::connection_id; }},
      {"shared", "; no profile allows it",
       [](auto& b) { b.groups[0].protocol = BackendProtocol::udp; }},
      {"shared-2020", "; profiles shared and dedicated allow it",
       [](auto& b) { b.listeners[0].idle_timeout = seconds(60); }},
      {"shared-2020", "; no profile allows it",
       [](auto& b) { b.listeners[0].idle_timeout = seconds(4001); }},
      {"shared", "; profile dedicated allows it",
       [](auto& b) {
         add_udp(b);
         b.listeners[1].idle_timeout = seconds(60);
       }},
      {"dedicated", "; profiles shared-2020 and shared allow it",
       [](auto& b) { b.listeners[0].transfer_client_ip = false; }},
      {"shared", "; profile dedicated allows it", [](auto& b) { b.ip_as_backend = true; }},
      {"shared", "; profile dedicated allows it",
       [](auto& b) {
         b.listeners[0].port = {80, 90};
       }},
      {"shared-2020", "; profiles shared and dedicated allow it",
       [](auto& b) { b.groups[0].deregistration_delay = seconds(300); }},
  };
  for (const Refusal& refusal : refusals) {
    LoadBalancer balancer = sample_balancer(refusal.profile);
    refusal.spoil(balancer);
    const auto problems = validate(balancer);
    BOOST_REQUIRE_EQUAL(problems.size(), 1u);
    BOOST_CHECK_MESSAGE(problems[0].message.ends_with(refusal.ending), problems[0].message);
  }
}

BOOST_AUTO_TEST_CASE(refuses_what_is_not_built_rather_than_ignoring_it) {
  const Row rows[] = {
      {"shared", "groups.app.stickiness.type", "STK-04",
       [](auto& b) {
         b.groups[0].protocol = BackendProtocol::http;
         b.groups[0].stickiness = Stickiness{};
         b.groups[0].stickiness->type = StickinessType::load_balancer_cookie;
       }},
      {"shared", "listeners.web.protocol", "FWD-03",
       [](auto& b) {
         b.listeners[0].protocol = ListenerProtocol::http;
         b.groups[0].protocol = BackendProtocol::http;
       }},
  };
  for (const Row& row : rows) {
    check(row);
    LoadBalancer balancer = sample_balancer(row.profile);
    row.spoil(balancer);
    const std::string found = describe(validate(balancer));
    BOOST_TEST(found.find("not supported yet") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(checks_that_the_profile_delays_deregistration) {
  check({"shared-2020", "groups.app.deregistration_delay", "LIFE-12",
         [](auto& b) { b.groups[0].deregistration_delay = seconds(300); }});
  check({"dedicated", "", "", [](auto& b) { b.groups[0].deregistration_delay = seconds(300); }});
}

BOOST_AUTO_TEST_CASE(says_so_when_no_profile_is_chosen) {
  LoadBalancer balancer = sample_balancer("shared");
  balancer.profile = nullptr;
  BOOST_REQUIRE_EQUAL(validate(balancer).size(), 1u);
  BOOST_TEST(validate(balancer)[0].field == "profile");
}

BOOST_AUTO_TEST_CASE(names_value_and_allowed_range_in_the_message) {
  LoadBalancer balancer = sample_balancer("shared");
  balancer.groups[0].servers[0].weight = 101;
  BOOST_TEST(validate(balancer).at(0).message == "weight 101 is outside 0..100");
  balancer = sample_balancer("dedicated");
  balancer.listeners[0].idle_timeout = std::chrono::milliseconds(9500);
  BOOST_TEST(validate(balancer).at(0).message == "idle timeout 9.5 s is outside 10 s..4000 s");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::config

// VAL-02: the exact ranges of LIM-04, LIM-05, LIM-06, LIM-10, SCH-08, STK-13 and CON-02, at their
// edges and one step beyond. (Those of layer 7 come with it; probes and cookies are refused as not
// built whatever they say, so of them only the field's own complaint is looked at.)
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <string>

#include "models/config/validation.hpp"
#include "tests/config/sample_balancer.hpp"

namespace elblab::config {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

using Set = std::function<void(LoadBalancer&, std::int64_t)>;

// Whole steps of the field's unit.
struct RangeRow {
  const char* rows;
  const char* profile;
  const char* field;
  std::int64_t low;
  std::int64_t high;
  Set set;
};

bool complains(const RangeRow& row, std::int64_t value) {
  LoadBalancer balancer = sample_balancer(row.profile);
  row.set(balancer, value);
  const auto problems = validate(balancer);
  return std::any_of(problems.begin(), problems.end(), [&](const Problem& problem) {
    return problem.field == row.field && problem.message.find("not supported") == std::string::npos;
  });
}

Set of_check(std::function<void(HealthCheck&, std::int64_t)> set) {
  return [set = std::move(set)](LoadBalancer& b, std::int64_t value) {
    b.groups[0].health_check = HealthCheck{};
    // No timeout above the interval: that is a rule of its own (HC-05).
    b.groups[0].health_check->protocol = ProbeProtocol::http;
    set(*b.groups[0].health_check, value);
  };
}

Set sticky(StickinessType type) {
  return [type](LoadBalancer& b, std::int64_t value) {
    b.groups[0].stickiness = Stickiness{};
    b.groups[0].stickiness->type = type;
    b.groups[0].stickiness->duration = minutes(value);
    if (type != StickinessType::source_ip) b.groups[0].protocol = BackendProtocol::http;
  };
}

const RangeRow kRanges[] = {
    {"LIM-04 SCH-08", "shared-2020", "groups.app.servers.b1.weight", 0, 100,
     [](auto& b, auto v) { b.groups[0].servers[0].weight = static_cast<std::uint8_t>(v); }},
    {"LIM-04 SCH-08", "dedicated", "groups.app.servers.b1.weight", 0, 100,
     [](auto& b, auto v) { b.groups[0].servers[0].weight = static_cast<std::uint8_t>(v); }},
    {"LIM-05", "shared", "groups.app.health_check.interval", 1, 50,
     of_check([](auto& c, auto v) { c.interval = seconds(v); })},
    {"LIM-05", "shared", "groups.app.health_check.timeout", 1, 50,
     of_check([](auto& c, auto v) { c.timeout = seconds(v); })},
    {"LIM-05", "shared", "groups.app.health_check.retries", 1, 10,
     of_check([](auto& c, auto v) { c.retries = static_cast<unsigned>(v); })},
    {"LIM-05", "shared", "groups.app.health_check.port", 1, 65535,
     of_check([](auto& c, auto v) { c.port = static_cast<std::uint16_t>(v); })},
    {"LIM-05", "shared", "groups.app.health_check.path", 1, 80, of_check([](auto& c, auto v) {
       c.path = v == 0 ? "x" : "/" + std::string(static_cast<std::size_t>(v) - 1, 'x');
     })},
    {"LIM-06 STK-13 CON-02", "shared-2020", "groups.app.stickiness.duration", 1, 60,
     sticky(StickinessType::source_ip)},
    {"LIM-06 STK-13 CON-02", "dedicated", "groups.app.stickiness.duration", 1, 60,
     sticky(StickinessType::source_ip)},
    {"LIM-06 CON-02", "shared", "groups.app.stickiness.duration", 1, 1440,
     sticky(StickinessType::load_balancer_cookie)},
    {"LIM-10", "shared", "listeners.web.idle_timeout", 10, 4000,
     [](auto& b, auto v) { b.listeners[0].idle_timeout = seconds(v); }},
    {"LIM-10", "dedicated", "listeners.web.idle_timeout", 10, 4000,
     [](auto& b, auto v) { b.listeners[0].idle_timeout = seconds(v); }},
    {"LIM-10", "dedicated", "listeners.resolver.idle_timeout", 10, 4000,
     [](auto& b, auto v) {
       add_udp(b);
       b.listeners[1].idle_timeout = seconds(v);
     }},
    // TO-S11: the range of QUIC is that of its UDP listener.
    {"LIM-10 TO-04", "dedicated", "listeners.web.idle_timeout", 10, 4000,
     [](auto& b, auto v) {
       b.listeners[0].protocol = ListenerProtocol::udp;
       b.groups[0].protocol = BackendProtocol::quic;
       b.groups[0].algorithm = Algorithm::connection_id;
       b.listeners[0].idle_timeout = seconds(v);
     }},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(ranges)

BOOST_AUTO_TEST_CASE(hold_at_their_edges_and_end_there) {
  for (const RangeRow& row : kRanges) {
    BOOST_TEST_CONTEXT(row.rows << " " << row.profile << " " << row.field) {
      BOOST_TEST(!complains(row, row.low));
      BOOST_TEST(!complains(row, row.high));
      BOOST_TEST(!complains(row, (row.low + row.high) / 2));
      if (row.low > 0) BOOST_TEST(complains(row, row.low - 1));
      if (row.high < 65535) BOOST_TEST(complains(row, row.high + 1));
    }
  }
}

// TO-02: of 2020 there is no range at all, only the value itself.
BOOST_AUTO_TEST_CASE(of_2020_have_one_idle_timeout) {
  for (const std::int64_t value : {10, 299, 301, 4000}) {
    LoadBalancer balancer = sample_balancer("shared-2020");
    balancer.listeners[0].idle_timeout = seconds(value);
    BOOST_REQUIRE_EQUAL(validate(balancer).size(), 1u);
    BOOST_TEST(validate(balancer)[0].fact == "TO-02");
  }
  LoadBalancer balancer = sample_balancer("shared-2020");
  balancer.listeners[0].idle_timeout = seconds(300);
  BOOST_TEST(validate(balancer).empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::config

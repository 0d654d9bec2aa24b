// SWITCH per user and per cause, against a full recomputation: a random story of users, nodes and
// bindings, told to the trace and to a list.
#include <boost/test/unit_test.hpp>
#include <map>
#include <set>

#include "analysis/metrics/metrics.hpp"
#include "models/random/stream.hpp"
#include "tests/metrics/made_trace.hpp"

namespace elblab::metrics::test {
namespace {

using telemetry::Event;
using telemetry::EventKind;
using telemetry::Reason;

constexpr std::uint32_t kUsers = 12;
constexpr int kServers = 3;

net::IpAddress address(int number) {
  return net::IpAddress::v4(203, 0, 113, static_cast<std::uint8_t>(number));
}
net::Endpoint server_endpoint(int server) {
  return {net::IpAddress::v4(192, 168, 1, static_cast<std::uint8_t>(server + 1)), 90};
}

// What stands in the list of one request.
struct Request {
  int server = 0;
  int node = 0;
  int address = 0;
  Reason decision = Reason::sticky;
  double opened = 0;
};

class Story {
 public:
  explicit Story(std::uint64_t seed) : random_(seed, "story") {
    for (int i = 0; i < kServers; ++i) {
      const std::string name = "b" + std::to_string(i + 1);
      hosts_.push_back(made.object(name, trace::ObjectKind::host));
      servers_.push_back(made.object("app/" + name, trace::ObjectKind::server));
    }
    for (const char* node : {"lvs1", "lvs2"}) {
      nodes_.push_back(made.object(node, trace::ObjectKind::node));
    }
  }

  void tell(int requests) {
    for (int i = 0; i < requests; ++i) one(1 + 0.5 * i);
  }

  MadeTrace made;
  std::map<std::uint32_t, UserSwitches> users;
  std::map<std::string, std::set<std::uint32_t>> users_of;
  std::map<std::string, std::uint64_t> lost_by;
  std::map<std::uint32_t, std::set<int>> servers_of;

 private:
  void one(double at_s) {
    const auto user = static_cast<std::uint32_t>(random_.below(kUsers));
    Request now;
    now.server = static_cast<int>(random_.below(kServers));
    now.node = static_cast<int>(random_.below(2));
    now.address = static_cast<int>(random_.chance(0.7) ? user + 1 : 100 + random_.below(5));
    now.decision = random_.chance(0.8)   ? Reason::sticky
                   : random_.chance(0.5) ? Reason::stickiness_bound
                                         : Reason::none;
    now.opened = at_s;
    if (random_.chance(0.3)) break_binding(now.address, at_s);
    const auto before = last_.find(user);
    const bool first = before == last_.end();
    const bool lost = !first && before->second.server != now.server;
    UserSwitches& sum = users[user];
    ++sum.requests;
    servers_of[user].insert(now.server);
    if (lost) {
      ++sum.lost;
      const std::string cause = cause_of(before->second, now);
      ++lost_by[cause];
      users_of[cause].insert(user);
    }
    write(user, now,
          first  ? Reason::session_begun
          : lost ? Reason::session_lost
                 : Reason::session_kept);
    last_[user] = now;
  }

  // In the order of STK-24.
  std::string cause_of(const Request& before, const Request& now) const {
    if (before.decision == Reason::none || now.decision == Reason::none) return "stickiness_off";
    if (before.address != now.address) return "address_change";
    std::string last;
    for (const auto& [when, what] : broken_) {
      if (what.first == now.address && when > before.opened && when <= now.opened) {
        last = std::string(to_string(what.second));
      }
    }
    if (last == "server_out") return "bound_server_out";
    if (!last.empty()) return last;
    return before.node != now.node ? "node_change" : "";
  }

  net::FlowKey client_flow(int number) {
    return {{address(number), ++port_}, {net::IpAddress::v4(198, 51, 100, 10), 80}};
  }

  void break_binding(int number, double at_s) {
    const Reason why = random_.chance(0.4)   ? Reason::stickiness_over
                       : random_.chance(0.5) ? Reason::server_out
                                             : Reason::stickiness_evicted;
    broken_[at_s] = {number, why};
    made.writer().record(Event{at(at_s), EventKind::stickiness_broken, why, nodes_[0], servers_[0],
                               client_flow(number), 0});
  }

  void write(std::uint32_t user, const Request& request, Reason result) {
    const auto node = nodes_[static_cast<std::size_t>(request.node)];
    const auto server = servers_[static_cast<std::size_t>(request.server)];
    const net::FlowKey flow = client_flow(request.address);
    made.writer().record(Event{at(request.opened), EventKind::scheduler_decision, request.decision,
                               node, server, flow, request.server});
    telemetry::ConnectionRecord session;
    session.object = node;
    session.peer = server;
    session.role = telemetry::ConnectionRole::session;
    session.reason = Reason::closed_by_client;
    session.flow = flow;
    // Few source ports, each used again and again: of several sessions the one that lives counts.
    session.translated = {
        {net::IpAddress::v4(100, 125, 0, 1), static_cast<std::uint16_t>(1024 + port_ % 7)},
        server_endpoint(request.server)};
    session.opened_at = at(request.opened);
    session.closed_at = at(request.opened + 0.4);
    made.writer().record(Event{at(request.opened + 0.1), EventKind::user_request, result,
                               hosts_[static_cast<std::size_t>(request.server)], 0,
                               session.translated, user});
    made.writer().record(session);
  }

  random::Stream random_;
  std::vector<telemetry::ObjectId> hosts_, servers_, nodes_;
  std::map<std::uint32_t, Request> last_;
  std::map<double, std::pair<int, Reason>> broken_;
  std::uint16_t port_ = 2000;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(users)

BOOST_AUTO_TEST_CASE(switches_and_their_causes_are_those_of_a_recomputation) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Story story(seed);
    story.tell(1500);
    const trace::Reader& trace = story.made.finish(2000);
    const auto by_user = user_switches(trace);
    BOOST_TEST(by_user.size() == story.users.size());
    for (const UserSwitches& user : by_user) {
      const UserSwitches& expected = story.users[static_cast<std::uint32_t>(user.user)];
      BOOST_TEST(user.requests == expected.requests);
      BOOST_TEST(user.lost == expected.lost);
      BOOST_TEST(user.servers == story.servers_of[static_cast<std::uint32_t>(user.user)].size());
      BOOST_REQUIRE(user.share.has_value());
      BOOST_TEST(*user.share ==
                 static_cast<double>(expected.lost) / static_cast<double>(expected.requests - 1));
    }
    const auto causes = switch_causes(trace);
    BOOST_TEST(causes.size() == story.lost_by.size());
    BOOST_TEST(causes.size() >= 6U);
    for (const SwitchCause& cause : causes) {
      BOOST_TEST_CONTEXT(cause.cause) {
        BOOST_TEST(cause.lost == story.lost_by[cause.cause]);
        BOOST_TEST(cause.users == story.users_of[cause.cause].size());
        BOOST_TEST(cause.share == static_cast<double>(cause.lost) / (1500 - kUsers));
      }
    }
    BOOST_TEST(!trace.problem());
  }
}

BOOST_AUTO_TEST_CASE(a_trace_without_users_has_none) {
  MadeTrace made;
  made.sample("requests", "burst", 1, 5);
  const trace::Reader& trace = made.finish(10);
  BOOST_TEST(user_switches(trace).empty());
  BOOST_TEST(switch_causes(trace).empty());
}

// Who came directly, past every balancer, cannot have been sent elsewhere by one.
BOOST_AUTO_TEST_CASE(of_requests_without_a_session_of_a_balancer_no_cause_is_told) {
  MadeTrace made;
  for (int i = 0; i < 4; ++i) {
    const auto host = made.object(i % 2 == 0 ? "b1" : "b2", trace::ObjectKind::host);
    made.writer().record(Event{at(1 + i),
                               EventKind::user_request,
                               i == 0 ? Reason::session_begun : Reason::session_lost,
                               host,
                               0,
                               {{address(1), 5000}, server_endpoint(i % 2)},
                               3});
  }
  const trace::Reader& trace = made.finish(10);
  const auto causes = switch_causes(trace);
  BOOST_REQUIRE_EQUAL(causes.size(), 1U);
  BOOST_TEST(causes[0].cause.empty());
  BOOST_TEST(causes[0].lost == 3U);
  BOOST_TEST(user_switches(trace)[0].share.value() == 1.0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::metrics::test

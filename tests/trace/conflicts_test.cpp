// Five-tuple conflicts found over a whole trace: rows written by hand, and what must be told of
// them.
#include <boost/test/unit_test.hpp>

#include "tests/trace/trace_fixture.hpp"

namespace elblab::trace::test {
namespace {

using telemetry::ConnectionRecord;
using telemetry::ConnectionRole;
using telemetry::Reason;

const net::Endpoint kClient{net::IpAddress::v4(203, 0, 113, 1), 100};
const net::Endpoint kFirst{net::IpAddress::v4(198, 51, 100, 10), 80};
const net::Endpoint kSecond{net::IpAddress::v4(198, 51, 100, 11), 80};
const net::Endpoint kServer{net::IpAddress::v4(192, 168, 1, 1), 90};

// Two balancers before one server, as FTC-08 draws them.
class Story {
 public:
  explicit Story(Writer& writer) : writer_(writer) {
    nodes_[0] = writer.add_object("lb1/lvs1", ObjectKind::node);
    nodes_[1] = writer.add_object("lb2/lvs1", ObjectKind::node);
    servers_[0] = writer.add_object("lb1/app/b1", ObjectKind::server);
    servers_[1] = writer.add_object("lb2/app/b1", ObjectKind::server);
    client_ = writer.add_object("c1", ObjectKind::host);
    host_ = writer.add_object("b1", ObjectKind::host);
  }

  void session(int balancer, double opened, double closed, Reason reason,
               const net::Endpoint& source = kClient) {
    ConnectionRecord r;
    r.object = nodes_[balancer];
    r.peer = servers_[balancer];
    r.role = ConnectionRole::session;
    r.reason = reason;
    r.flow = {kClient, balancer == 0 ? kFirst : kSecond, net::Protocol::tcp};
    r.translated = {source, kServer, net::Protocol::tcp};
    record(r, opened, opened + 0.01, closed);
  }
  void client(int balancer, double opened, double established, double closed, Reason reason) {
    ConnectionRecord r;
    r.object = client_;
    r.role = ConnectionRole::client;
    r.reason = reason;
    r.flow = {kClient, balancer == 0 ? kFirst : kSecond, net::Protocol::tcp};
    record(r, opened, established, closed);
  }
  // Of a host behind a NAT box, which has given it kClient as its outer endpoint.
  void client_behind_a_box(const std::string& name, const net::Endpoint& inside, int balancer,
                           double opened, double closed, Reason reason) {
    ConnectionRecord r;
    r.object = writer_.add_object(name, ObjectKind::host);
    r.role = ConnectionRole::client;
    r.reason = reason;
    r.flow = {inside, balancer == 0 ? kFirst : kSecond, net::Protocol::tcp};
    record(r, opened - 0.02, opened + 0.02, closed);
    r.object = writer_.add_object("nat1", ObjectKind::middlebox);
    r.role = ConnectionRole::translation;
    r.translated = r.flow;
    r.translated.source = kClient;
    record(r, opened - 0.01, opened + 0.01, closed + 100);
  }
  void server(double opened, double established, double closed, Reason reason) {
    ConnectionRecord r;
    r.object = host_;
    r.role = ConnectionRole::server;
    r.reason = reason;
    r.flow = {kClient, kServer, net::Protocol::tcp};
    record(r, opened, established, closed);
  }

 private:
  void record(ConnectionRecord r, double opened, double established, double closed) {
    r.opened_at = at_seconds(opened);
    r.established_at = established > 0 ? at_seconds(established) : kNever;
    r.closed_at = at_seconds(closed);
    writer_.record(r);
  }

  Writer& writer_;
  telemetry::ObjectId nodes_[2]{};
  telemetry::ObjectId servers_[2]{};
  telemetry::ObjectId client_ = 0;
  telemetry::ObjectId host_ = 0;
};

std::string told(const std::function<void(Story&)>& tell) {
  const TemporaryFolder folder;
  write_trace(folder / "t.db", [&](Writer& writer) {
    Story story(writer);
    tell(story);
  });
  return query(
      folder / "t.db",
      "SELECT coalesce(group_concat(scope || ' ' || earlier_state || ' ' || outcome || ' ' "
      "|| earlier_outcome || ' ' || earlier_destination || ' ' || later_destination, '; '), "
      "'none') FROM conflicts_view");
}

const std::string kEndpoints = " 198.51.100.10:80 198.51.100.11:80";

}  // namespace

BOOST_AUTO_TEST_SUITE(conflicts)

BOOST_AUTO_TEST_CASE(are_told_with_both_flows_and_what_became_of_them) {  // FTC-08, FTC-14
  BOOST_TEST(told([](Story& s) {
               s.server(1, 1.01, 5.01, Reason::reset_by_peer);
               s.client(0, 1, 1.02, 12, Reason::timed_out);
               s.session(0, 1, 12, Reason::reset_by_client);
               s.client(1, 5, 5.02, 9, Reason::closed_by_local);
               s.session(1, 5, 9, Reason::closed_by_client);
             }) == "balancers established accepted broken" + kEndpoints);
}

BOOST_AUTO_TEST_CASE(tell_the_state_of_the_servers_socket) {
  const auto later = [](Story& s, double established, Reason reason) {
    s.client(1, 5, established, 9, reason);
    s.session(1, 5, 9, Reason::closed_by_client);
  };
  BOOST_TEST(told([&](Story& s) {  // the server had closed first, and keeps TIME_WAIT
               s.server(1, 1.01, 3, Reason::closed_by_local);
               s.client(0, 1, 1.02, 3, Reason::closed_by_peer);
               s.session(0, 1, 5.5, Reason::closed_by_server);
               later(s, 5.02, Reason::closed_by_local);
             }) == "balancers time_wait accepted accepted" + kEndpoints);
  BOOST_TEST(told([&](Story& s) {  // its handshake had not ended
               s.server(1, -1, 30, Reason::timed_out);
               s.client(0, 1, -1, 30, Reason::timed_out);
               s.session(0, 1, 30, Reason::timed_out);
               later(s, -1, Reason::reset_by_peer);
             }) == "balancers syn_received reset timed_out" + kEndpoints);
  BOOST_TEST(told([&](Story& s) {  // the SYN was sent again after a second
               s.server(1, 1.01, 30, Reason::closed_by_peer);
               s.session(0, 1, 30, Reason::closed_by_client);
               later(s, 6.02, Reason::closed_by_local);
             }) == "balancers established delayed unknown" + kEndpoints);
}

BOOST_AUTO_TEST_CASE(are_none_where_tuples_differ_or_flows_do_not_meet) {
  BOOST_TEST(
      told([](Story& s) {  // fullNAT: sources of the balancers' own
        s.session(0, 1, 12, Reason::closed_by_client, {net::IpAddress::v4(100, 125, 0, 1), 1024});
        s.session(1, 5, 9, Reason::closed_by_client, {net::IpAddress::v4(100, 125, 0, 2), 1024});
      }) == "none");
  BOOST_TEST(told([](Story& s) {  // one after the other; the client had closed
               s.session(0, 1, 3, Reason::closed_by_client);
               s.session(1, 5, 9, Reason::closed_by_client);
             }) == "none");
  BOOST_TEST(told([](Story& s) {  // the client's own flow, used again: TW-11
               s.session(0, 1, 12, Reason::closed_by_client);
               s.session(0, 5, 9, Reason::closed_by_client);
               s.session(1, 100, 101, Reason::closed_by_client);
             }) == "none");
}

BOOST_AUTO_TEST_CASE(are_told_once_for_each_attempt_of_a_client) {
  BOOST_TEST(told([](Story& s) {
               s.client(0, 1, 1.02, 12, Reason::timed_out);
               s.session(0, 1, 12, Reason::reset_by_client);
               s.client(1, 5, 5.1, 9, Reason::closed_by_local);
               s.session(1, 5, 5.05, Reason::reset_by_client);  // its first SYN
               s.session(1, 5.06, 9, Reason::closed_by_client);
             }) == "balancers established accepted broken" + kEndpoints);
}

// To balancers and server there is one client, the box; the trace knows both behind it.
BOOST_AUTO_TEST_CASE(name_the_clients_behind_a_nat_box_and_what_became_of_them) {
  const TemporaryFolder folder;
  write_trace(folder / "t.db", [](Writer& writer) {
    Story story(writer);
    const net::Endpoint one{net::IpAddress::v4(100, 64, 0, 1), 40000};
    const net::Endpoint other{net::IpAddress::v4(100, 64, 0, 2), 50000};
    story.client_behind_a_box("h1", one, 0, 1, 9, Reason::reset_by_peer);
    story.client_behind_a_box("h2", other, 1, 5, 6, Reason::closed_by_local);
    story.session(0, 1, 9, Reason::reset_by_server);
    story.session(1, 5, 6, Reason::closed_by_client);
    // What both did before, and h1 after it, is another matter.
    story.client_behind_a_box("h2", other, 0, 0.1, 0.3, Reason::closed_by_local);
    story.client_behind_a_box("h1", one, 1, 20, 21, Reason::closed_by_local);
  });
  BOOST_TEST(query(folder / "t.db",
                   "SELECT group_concat(client || ' ' || earlier_host || ' ' || earlier_source || "
                   "' ' || earlier_outcome || ' ' || later_host || ' ' || later_source || ' ' || "
                   "outcome, '; ') FROM conflicts_view") ==
             "203.0.113.1:100 h1 100.64.0.1:40000 broken h2 100.64.0.2:50000 accepted");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::trace::test

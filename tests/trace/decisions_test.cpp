// Why servers were chosen, written and read back, as rows and in words.
#include <boost/test/unit_test.hpp>

#include "analysis/trace/decision_query.hpp"
#include "tests/trace/trace_fixture.hpp"

namespace elblab::trace::test {
namespace {

using telemetry::DecisionGround;
using telemetry::DecisionRecord;
using telemetry::ServerOwner;

constexpr telemetry::ObjectId kNode = 1;
constexpr telemetry::ObjectId kFirstServer = 2;

net::FlowKey flow(std::uint16_t port, const char* client = "203.0.113.7") {
  return {{*net::IpAddress::parse(client), port},
          {*net::IpAddress::parse("198.51.100.10"), 80},
          net::Protocol::tcp};
}

DecisionRecord decision(DecisionGround ground, std::size_t chosen,
                        std::vector<telemetry::WeighedServer> weighed) {
  DecisionRecord d;
  d.at = at_seconds(1.5);
  d.object = kNode;
  d.flow = flow(5000);
  d.ground = ground;
  d.servers = static_cast<std::uint16_t>(weighed.size());
  d.kept = d.servers;
  for (std::size_t i = 0; i < weighed.size(); ++i) {
    weighed[i].server = kFirstServer + static_cast<telemetry::ObjectId>(i);
    d.weighed[i] = weighed[i];
    if (weighed[i].usable()) ++d.usable;
  }
  if (ground != DecisionGround::nobody_usable)
    d.chosen = kFirstServer + static_cast<telemetry::ObjectId>(chosen);
  return d;
}

telemetry::WeighedServer server(std::uint8_t weight, std::uint32_t active,
                                std::optional<std::int32_t> credit = std::nullopt,
                                std::uint8_t kept_out_by = 0) {
  return {0, active, credit, weight, kept_out_by};
}

std::uint8_t bit(ServerOwner owner) {
  return static_cast<std::uint8_t>(1u << static_cast<unsigned>(owner));
}

// One packet connection after the other, each with its decisions.
void write_connections(Writer& writer, const std::vector<std::vector<DecisionRecord>>& all) {
  writer.add_object("lvs1", ObjectKind::node);
  for (const char* name : {"app/b1", "app/b2", "app/b3", "app/b4"}) {
    writer.add_object(name, ObjectKind::server);
  }
  for (const auto& decisions : all) {
    telemetry::PacketRecord packet;
    packet.object = kNode;
    packet.flow = flow(5000);
    writer.packet(packet);
    for (const DecisionRecord& each : decisions) writer.decision(each);
    telemetry::PacketConnection connection;
    connection.flow = flow(5000);
    connection.packets = 1;
    writer.packet_connection(connection);
  }
}

std::string told(const DecisionRecord& record) {
  const TemporaryFolder folder;
  write_trace(folder / "t.db", [&](Writer& writer) { write_connections(writer, {{record}}); });
  const auto rows = decisions_of(*open_reader(folder / "t.db"), 1);
  BOOST_REQUIRE_EQUAL(rows.size(), 1u);
  return decision_text(rows.front());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(decisions)

BOOST_AUTO_TEST_CASE(come_back_with_their_connection_and_everything_that_was_weighed) {
  const TemporaryFolder folder;
  DecisionRecord slot = decision(DecisionGround::table_slot, 1, {server(1, 3), server(100, 7)});
  slot.slot = 65536;
  slot.servers = 40;  // more than were kept
  const DecisionRecord nobody = decision(
      DecisionGround::nobody_usable, 0,
      {server(1, 0, std::nullopt,
              static_cast<std::uint8_t>(bit(ServerOwner::health) | bit(ServerOwner::zone))),
       server(0, 5)});
  const DecisionRecord turn =
      decision(DecisionGround::turn, 0, {server(2, 9, 4), server(1, 8, -3)});
  write_trace(folder / "t.db", [&](Writer& writer) {
    write_connections(writer, {{slot}, {}, {nobody, turn}});
  });
  const auto trace = open_reader(folder / "t.db");
  const auto first = decisions_of(*trace, 1);
  BOOST_REQUIRE_EQUAL(first.size(), 1u);
  DecisionRow expected;
  expected.id = 1;
  expected.connection = 1;
  expected.at = at_seconds(1.5);
  expected.object = "lvs1";
  expected.protocol = "tcp";
  expected.source = "203.0.113.7:5000";
  expected.destination = "198.51.100.10:80";
  expected.ground = DecisionGround::table_slot;
  expected.chosen = "app/b2";
  expected.slot = 65536;
  expected.servers = 40;
  expected.usable = 2;
  expected.candidates = {{"app/b1", 1, 3, std::nullopt, ""}, {"app/b2", 100, 7, std::nullopt, ""}};
  BOOST_TEST((first.front() == expected));
  BOOST_TEST(decisions_of(*trace, 2).empty());
  const auto third = decisions_of(*trace, 3);
  BOOST_REQUIRE_EQUAL(third.size(), 2u);
  BOOST_TEST(third[0].chosen.empty());
  BOOST_TEST(third[0].candidates[0].kept_out == "zone, health");
  BOOST_TEST(!third[0].candidates[1].usable());
  BOOST_TEST(*third[1].candidates[1].credit == -3);
  BOOST_TEST(!trace->problem().has_value());
}

BOOST_AUTO_TEST_CASE(are_found_by_address_or_endpoint_and_by_nothing_like_it) {
  const TemporaryFolder folder;
  const auto from = [](const char* client, std::uint16_t port) {
    DecisionRecord made = decision(DecisionGround::turn, 0, {server(1, 0, 1)});
    made.flow = flow(port, client);
    return made;
  };
  write_trace(folder / "t.db", [&](Writer& writer) {
    write_connections(writer, {{from("203.0.113.7", 5000)},
                               {from("203.0.113.7", 50001)},
                               {from("203.0.113.70", 5000)},
                               {from("2001:db8::7", 5000)}});
  });
  const auto trace = open_reader(folder / "t.db");
  const auto count = [&](const char* client) {
    return decisions_of_client(*trace, client, 100).size();
  };
  BOOST_TEST(count("203.0.113.7") == 2u);
  BOOST_TEST(count("203.0.113.7:5000") == 1u);
  BOOST_TEST(count("203.0.113.70") == 1u);
  BOOST_TEST(count("2001:db8::7") == 1u);
  BOOST_TEST(count("[2001:db8::7]:5000") == 1u);
  BOOST_TEST(count("2001:db8:") == 0u);
  BOOST_TEST(count("203.0.113") == 0u);
  BOOST_TEST(count("203.0.113.%") == 0u);
  BOOST_TEST(decisions_of_client(*trace, "203.0.113.7", 1).size() == 1u);
}

BOOST_AUTO_TEST_CASE(say_why_this_one) {
  BOOST_TEST(told(decision(DecisionGround::least_load, 1,
                           {server(1, 4), server(1, 3), server(1, 5), server(2, 8)})) ==
             "app/b2 of 4, fewest connections for its weight: 3/1 < 4/1 (b1), 8/2 (b4), 5/1 (b3)");
  BOOST_TEST(told(decision(DecisionGround::tied_turn, 2,
                           {server(1, 3, 0), server(1, 9), server(2, 6, 2)})) ==
             "app/b3 of 3, fewest connections for its weight: 6/2 ≤ 3/1 (b1), 9/1 (b2); of equals "
             "its turn: credit 2 > 0 (b1)");
  BOOST_TEST(told(decision(DecisionGround::turn, 0,
                           {server(3, 9, 4), server(1, 0, 4), server(1, 0, -2)})) ==
             "app/b1 of 3, its turn: credit 4 ≥ 4 (b2), -2 (b3)");
  BOOST_TEST(told(decision(DecisionGround::stickiness, 1, {server(1, 0), server(1, 7)})) ==
             "app/b2 of 2, the client is bound to it (stickiness)");
  BOOST_TEST(told(decision(DecisionGround::connection_id, 0, {server(1, 0)})) ==
             "app/b1 of 1, gave out the connection ID of the datagram");
  DecisionRecord slot = decision(DecisionGround::table_slot, 0, {server(1, 0), server(0, 0)});
  slot.slot = 12;
  BOOST_TEST(told(slot) == "app/b1 of 2, holds slot 12 of the source hash; out: b2 (weight 0)");
}

BOOST_AUTO_TEST_CASE(say_who_was_out_and_that_nobody_was_left) {
  BOOST_TEST(told(decision(DecisionGround::turn, 0,
                           {server(1, 0, 1), server(1, 0, std::nullopt, bit(ServerOwner::health)),
                            server(0, 0)})) ==
             "app/b1 of 3, its turn: nobody else takes part; out: b2 (health), b3 (weight 0)");
  BOOST_TEST(
      told(decision(DecisionGround::nobody_usable, 0,
                    {server(1, 0, std::nullopt, bit(ServerOwner::operator_hand)), server(0, 0)})) ==
      "nobody of 2: none may be chosen; out: b1 (operator), b2 (weight 0)");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::trace::test

// Conversations played against a responder over a perfect network of 1 ms each way.
#include "models/workload/conversations.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <set>

#include "models/workload/make_application.hpp"
#include "tests/workload/fake_network.hpp"

using namespace elblab;
using namespace elblab::workload;
using namespace std::chrono_literals;
using host::SocketError;
using testing::at_ms;
using testing::FakeNetwork;
using Difference = ConversationTally::Difference;

namespace {

const net::Endpoint kService{net::IpAddress::v4(10, 0, 0, 2), 80};

struct World {
  FakeNetwork network;
  ClientParameters parameters;
  ServerParameters service;
  std::shared_ptr<ConversationScript> script = std::make_shared<ConversationScript>();
  std::shared_ptr<ConversationTally> tally = std::make_shared<ConversationTally>();
  std::unique_ptr<Server> server;
  std::unique_ptr<Client> client;

  World() {
    parameters.kind = Kind::conversations;
    parameters.destination = kService;
    parameters.request_timeout = 1s;
    parameters.script = script;
    parameters.tally = tally;
    script->clients = 1;
    service.port = kService.port;
  }
  void say(Duration begin, const std::vector<Exchange>& exchanges, ConversationEnd end,
           Duration close_after = {}, std::uint32_t of_client = 0) {
    script->conversations.push_back({begin, close_after, of_client,
                                     static_cast<std::uint32_t>(script->exchanges.size()),
                                     static_cast<std::uint32_t>(exchanges.size()), end});
    script->exchanges.insert(script->exchanges.end(), exchanges.begin(), exchanges.end());
  }
  void run(std::int64_t until_ms) {
    service.udp = script->udp;
    server = make_server(service, network);
    client = make_client(parameters, network, net::IpAddress::v4(10, 0, 0, 1),
                         random::Stream(1, "client"));
    server->start(network.now());
    client->start(network.now());
    network.run({server.get(), client.get()}, at_ms(until_ms));
  }
  std::uint64_t different(Difference difference) const {
    return tally->ended_differently[static_cast<std::size_t>(difference)];
  }
  std::uint64_t failures(SocketError error) const {
    return client->counters().request_failures[static_cast<std::size_t>(error)];
  }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(pauses_and_delays_pass_as_scripted_and_the_client_closes, World) {
  say(100ms, {{5ms, 20ms, 300, 5000}, {50ms, 0ms, 30, 100000}}, ConversationEnd::client_fin, 7ms);
  run(1000);
  BOOST_TEST(tally->played == 1U);
  BOOST_TEST(tally->as_captured == 1U);
  BOOST_TEST(tally->bytes_to_server == 330U);
  BOOST_TEST(tally->bytes_to_client == 105000U);
  BOOST_CHECK(network.last("connect").at == at_ms(100));
  // handshake 2, think 5, request 1, service 20, response 1, think 50, 2 for the second, hold 7
  BOOST_REQUIRE(network.last("close").by_client == false);
  BOOST_TEST(network.count("close", true) == 1U);
  for (const auto& action : network.actions) {
    if (action.what == "close" && action.by_client) {
      BOOST_CHECK(action.at == at_ms(100 + 2 + 5 + 22 + 50 + 2 + 7));
    }
  }
  BOOST_TEST(client->counters().requests == 2U);
  BOOST_TEST(client->counters().responses == 2U);
  BOOST_CHECK(client->take_response_times().sum == 24ms);
  BOOST_TEST(network.open_sockets() == 0U);
}

BOOST_AUTO_TEST_CASE(each_way_to_end_is_kept) {
  for (int i = 0; i < static_cast<int>(ConversationEnd::count_); ++i) {
    const auto end = static_cast<ConversationEnd>(i);
    for (const std::uint64_t response : {0U, 3000U}) {
      World world;
      world.say(0ms, {{0ms, 0ms, 24, 10}, {1ms, 3ms, 500, response}}, end, 10ms);
      world.run(900);
      BOOST_TEST_CONTEXT(to_string(end) << ", response of " << response) {
        BOOST_TEST(world.tally->as_captured == 1U);
        BOOST_TEST(world.tally->different() == 0U);
        BOOST_TEST(world.tally->bytes_to_client == 10 + response);
        BOOST_TEST(world.server->counters().requests == 2U);
        BOOST_TEST(world.server->counters().responses == 2U);
        const bool open = end == ConversationEnd::left_open;
        BOOST_TEST(world.network.open_sockets() == (open ? 2U : 0U));
        const bool client_resets = end == ConversationEnd::client_reset;
        const bool server_resets = end == ConversationEnd::server_reset;
        BOOST_TEST(world.network.count("abort", true) == (client_resets ? 1U : 0U));
        BOOST_TEST(world.network.count("abort", false) == (server_resets ? 1U : 0U));
        BOOST_TEST(world.server->counters().connections_lost == (client_resets ? 1U : 0U));
      }
    }
  }
}

BOOST_FIXTURE_TEST_CASE(a_server_that_closes_first_is_followed_after_the_scripted_pause, World) {
  say(0ms, {{0ms, 0ms, 24, 10}}, ConversationEnd::server_fin, 40ms);
  run(900);
  BOOST_CHECK(network.actions[1].what == "close");  // after the connect
  BOOST_TEST(!network.actions[1].by_client);
  BOOST_CHECK(network.actions[1].at == at_ms(3));
  BOOST_CHECK(network.actions[2].at == at_ms(4 + 40));
}

BOOST_FIXTURE_TEST_CASE(a_conversation_without_exchanges_opens_and_closes, World) {
  say(0ms, {}, ConversationEnd::client_fin, 30ms);
  say(1ms, {}, ConversationEnd::client_half_close);
  say(2ms, {}, ConversationEnd::client_reset);
  run(900);
  BOOST_TEST(tally->as_captured == 3U);
  BOOST_TEST(client->counters().requests == 0U);
  BOOST_TEST(network.open_sockets() == 0U);
}

BOOST_FIXTURE_TEST_CASE(clients_play_their_own_conversations_only, World) {
  for (int i = 0; i < 100; ++i) {
    say(i * 1ms, {{0ms, 0ms, 24, 10}}, ConversationEnd::client_fin, 0ms,
        static_cast<std::uint32_t>(i % 7));
  }
  script->clients = 7;
  const auto a = net::IpAddress::v4(10, 0, 0, 21);
  const auto b = net::IpAddress::v4(10, 0, 0, 22);
  // Of five addresses those with index 1 and 2: clients 1 and 6, and 2, of seven.
  parameters.script_share = {{a, b}, 1, 5};
  run(900);
  BOOST_TEST(tally->played == 15U + 14U + 14U);
  BOOST_TEST(tally->as_captured == 43U);
  BOOST_TEST(std::set(network.sources.begin(), network.sources.end()).size() == 43U);
  const auto of = [&](net::IpAddress address) {
    return std::count_if(network.sources.begin(), network.sources.end(),
                         [&](const net::Endpoint& e) { return e.address == address; });
  };
  BOOST_TEST(of(a) == 29);
  BOOST_TEST(of(b) == 14);
}

BOOST_FIXTURE_TEST_CASE(what_goes_another_way_is_counted_by_how, World) {
  const std::vector<Exchange> one{{0ms, 0ms, 24, 10}};
  const auto play = [&](auto change, Difference expected) {
    World world;
    world.say(0ms, one, ConversationEnd::client_fin, 500ms);
    change(world);
    world.run(5000);
    BOOST_TEST_CONTEXT(to_string(expected)) {
      BOOST_TEST(world.different(expected) == 1U);
      BOOST_TEST(world.tally->different() == 1U);
      BOOST_TEST(world.tally->as_captured == 0U);
      BOOST_TEST(world.network.count("connect", true) ==
                 (expected == Difference::refused_locally ? 0U : 1U));
      const auto& c = world.client->counters();
      BOOST_TEST(c.requests == c.responses + c.failures());
    }
  };
  play([](World& w) { w.network.local_error = SocketError::address_not_available; },
       Difference::refused_locally);
  play([](World& w) { w.service.listening = false; }, Difference::refused);
  play([](World& w) { w.network.silent = true; }, Difference::connect_timed_out);
  play([](World& w) { w.network.damage = true; }, Difference::damaged);
  play([](World& w) { w.service.service_time = 1200ms; }, Difference::response_timed_out);
  play(
      [](World& w) {
        w.script->conversations[0].end = ConversationEnd::server_fin;
        w.network.lose_server_fin = true;
      },
      Difference::never_closed);
}

BOOST_FIXTURE_TEST_CASE(a_left_open_conversation_counts_until_somebody_ends_it, World) {
  say(0ms, {{0ms, 0ms, 24, 10}}, ConversationEnd::left_open);
  say(0ms, {{0ms, 0ms, 24, 10}}, ConversationEnd::left_open);
  run(100);
  BOOST_TEST(tally->as_captured == 2U);
  network.reset_clients();
  BOOST_TEST(tally->as_captured == 0U);
  BOOST_TEST(different(Difference::reset) == 2U);
}

BOOST_FIXTURE_TEST_CASE(ten_thousand_requests_without_answers_do_not_pile_up, World) {
  say(0ms, std::vector<Exchange>(10000, Exchange{0ms, 0ms, 24, 0}), ConversationEnd::client_fin);
  run(900);
  BOOST_TEST(tally->as_captured == 1U);
  BOOST_TEST(server->counters().requests == 10000U);
}

BOOST_FIXTURE_TEST_CASE(datagrams_are_answered_or_not_as_scripted, World) {
  script->udp = true;
  say(10ms, {{0ms, 30ms, 100, 500}, {20ms, 0ms, 60, 0}, {5ms, 0ms, 24, 24}},
      ConversationEnd::left_open);
  say(10ms, {{0ms, 0ms, 24, 9000}}, ConversationEnd::left_open);
  run(900);
  BOOST_TEST(tally->as_captured == 2U);
  BOOST_TEST(tally->bytes_to_server == 208U);
  BOOST_TEST(tally->bytes_to_client == 9524U);
  BOOST_TEST(server->counters().requests == 4U);
  BOOST_TEST(server->counters().responses == 3U);
  BOOST_CHECK(client->take_response_times().sum == 32ms + 2ms + 2ms);
  BOOST_TEST(std::set(network.sources.begin(), network.sources.end()).size() == 2U);
  BOOST_TEST(network.open_sockets() == 1U);  // the server's
}

BOOST_FIXTURE_TEST_CASE(a_missing_reply_does_not_stop_a_datagram_conversation, World) {
  script->udp = true;
  say(0ms, {{0ms, 0ms, 100, 500}, {20ms, 0ms, 60, 30}}, ConversationEnd::left_open);
  network.silent = true;
  run(5000);
  BOOST_TEST(different(Difference::no_reply) == 1U);
  BOOST_TEST(failures(SocketError::timed_out) == 2U);
  BOOST_TEST(tally->bytes_to_server == 160U);
}

BOOST_FIXTURE_TEST_CASE(a_closed_port_ends_a_datagram_conversation, World) {
  script->udp = true;
  service.listening = false;
  say(0ms, {{0ms, 0ms, 100, 500}, {20ms, 0ms, 60, 30}}, ConversationEnd::left_open);
  run(5000);
  BOOST_TEST(different(Difference::refused) == 1U);
  BOOST_TEST(failures(SocketError::connection_refused) == 1U);
}

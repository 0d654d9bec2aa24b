// What becomes of captured conversations as scripts, and what does not fit one.
#include "pcap/conversations/script.hpp"

#include <boost/test/unit_test.hpp>

#include "models/workload/request_header.hpp"
#include "tests/conversations/packets.hpp"

using namespace elblab;
using namespace elblab::pcap;
using namespace elblab::pcap::testing;
using namespace std::chrono_literals;
using workload::ConversationEnd;
using workload::kRequestHeaderBytes;

namespace {

constexpr std::uint64_t kLargestDatagram = 1472;

// One TCP conversation with these turns; pauses in milliseconds.
struct Talk {
  Conversations all;
  Talk() {
    all.clients = {endpoint(1, 0).address};
    all.servers = {endpoint(2, 80)};
    all.list.emplace_back();
    all.list.front().begin = 5s;
  }
  Conversation& only() { return all.list.front(); }
  void say(Side from, std::uint64_t bytes, int pause_ms) {
    all.turns.push_back({std::chrono::milliseconds(pause_ms), bytes, from});
    ++only().turns;
  }
  ScriptSet script() {
    return make_scripts(
        all, [](const Conversation&) { return 0U; }, 1, kLargestDatagram);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(questions_and_answers_become_exchanges, Talk) {
  say(Side::client, 100, 3);
  say(Side::server, 5000, 20);
  say(Side::client, 70, 1000);
  say(Side::server, 1, 5);
  only().closing = Closing::client_fin;
  only().close_pause = 9ms;
  const ScriptSet set = script();
  const auto& script = set.scripts.front();
  BOOST_REQUIRE(script.conversations.size() == 1U);
  const auto& played = script.conversations.front();
  BOOST_CHECK(played.begin == 5s);
  BOOST_CHECK(played.close_after == 9ms);
  BOOST_CHECK(played.end == ConversationEnd::client_fin);
  BOOST_REQUIRE(script.exchanges.size() == 2U);
  BOOST_CHECK(script.exchanges[0].think == 3ms);
  BOOST_CHECK(script.exchanges[0].service == 20ms);
  BOOST_TEST(script.exchanges[0].request_bytes == 100U);
  BOOST_TEST(script.exchanges[0].response_bytes == 5000U);
  BOOST_CHECK(script.exchanges[1].think == 1s);
  BOOST_TEST(script.exchanges[1].response_bytes == 1U);
  const ScriptAdaptations& a = set.adaptations;
  BOOST_TEST(a.padded_messages + a.server_first + a.server_unasked + a.delayed_closes == 0U);
}

BOOST_FIXTURE_TEST_CASE(short_requests_are_padded_and_unasked_words_asked_for, Talk) {
  say(Side::server, 80, 7);  // a greeting
  say(Side::client, 5, 0);   // shorter than a header
  say(Side::server, 30, 2);
  say(Side::server, 40, 1500);  // after a pause of its own
  say(Side::client, 50, 1);
  say(Side::client, 60, 2000);
  only().closing = Closing::client_reset;
  const ScriptSet set = script();
  const auto& exchanges = set.scripts.front().exchanges;
  BOOST_REQUIRE(exchanges.size() == 5U);
  BOOST_TEST(exchanges[0].request_bytes == kRequestHeaderBytes);
  BOOST_TEST(exchanges[0].response_bytes == 80U);
  BOOST_CHECK(exchanges[0].service == 7ms);
  BOOST_TEST(exchanges[1].request_bytes == kRequestHeaderBytes);
  BOOST_TEST(exchanges[1].response_bytes == 30U);
  BOOST_TEST(exchanges[2].request_bytes == kRequestHeaderBytes);
  BOOST_TEST(exchanges[2].response_bytes == 40U);
  BOOST_CHECK(exchanges[2].service == 1500ms);
  BOOST_TEST(exchanges[3].response_bytes == 0U);
  BOOST_CHECK(exchanges[4].think == 2s);
  BOOST_TEST(set.adaptations.server_first == 1U);
  BOOST_TEST(set.adaptations.server_unasked == 1U);
  BOOST_TEST(set.adaptations.padded_messages == 1U);
  BOOST_TEST(set.adaptations.padded_bytes == kRequestHeaderBytes - 5);
  BOOST_CHECK(set.scripts.front().conversations.front().end == ConversationEnd::client_reset);
}

BOOST_AUTO_TEST_CASE(a_server_closes_with_its_last_word_or_after_its_pause) {
  for (const auto pause : {0ms, 10ms, 11ms, 75000ms}) {
    Talk talk;
    talk.say(Side::client, 100, 0);
    talk.say(Side::server, 500, 0);
    talk.only().closing = Closing::server_fin;
    talk.only().close_pause = pause;
    talk.only().follow_pause = 3ms;
    const ScriptSet set = talk.script();
    const bool delayed = pause > kClosesSoon;
    const auto& exchanges = set.scripts.front().exchanges;
    BOOST_REQUIRE(exchanges.size() == (delayed ? 2U : 1U));
    BOOST_TEST(set.adaptations.delayed_closes == (delayed ? 1U : 0U));
    if (delayed) {
      BOOST_CHECK(exchanges[1].service == pause);
      BOOST_TEST(exchanges[1].response_bytes == 0U);
    }
    BOOST_CHECK(set.scripts.front().conversations.front().end == ConversationEnd::server_fin);
    BOOST_CHECK(set.scripts.front().conversations.front().close_after == 3ms);
  }
  Talk silent;  // connected, and the server closed
  silent.only().closing = Closing::server_reset;
  silent.only().close_pause = 5ms;
  BOOST_TEST(silent.script().scripts.front().exchanges.size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_conversation_without_target_is_in_no_script, Talk) {
  const ScriptSet set = make_scripts(
      all, [](const Conversation&) { return kNoTarget; }, 1, kLargestDatagram);
  BOOST_TEST(set.without_target == 1U);
  BOOST_TEST(set.scripts.front().conversations.empty());
}

BOOST_FIXTURE_TEST_CASE(datagrams_are_cut_padded_and_answered_once_each, Talk) {
  only().protocol = net::Protocol::udp;
  say(Side::client, 10, 0);
  say(Side::server, 4000, 5);
  say(Side::server, 20, 1);  // a second reply to the same question
  say(Side::client, 2000, 1);
  const ScriptSet set = script();
  const auto& script = set.scripts.front();
  BOOST_TEST(script.udp);
  BOOST_REQUIRE(script.exchanges.size() == 3U);
  BOOST_TEST(script.exchanges[0].request_bytes == kRequestHeaderBytes);
  BOOST_TEST(script.exchanges[0].response_bytes == kLargestDatagram);
  BOOST_TEST(script.exchanges[1].request_bytes == kRequestHeaderBytes);
  BOOST_TEST(script.exchanges[1].response_bytes == kRequestHeaderBytes);
  BOOST_TEST(script.exchanges[2].request_bytes == kLargestDatagram);
  BOOST_TEST(script.exchanges[2].response_bytes == 0U);
  BOOST_TEST(set.adaptations.cut_datagrams == 2U);
  BOOST_TEST(set.adaptations.padded_messages == 2U);
  BOOST_TEST(set.adaptations.server_unasked == 1U);
}

#include "models/middlebox/tcp_phase.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "models/net/packet_view.hpp"

namespace elblab::middlebox {
namespace {

using telemetry::Reason;

struct Row {
  // Segments by flags: "i:S" from inside a SYN, "o:SA" from outside a SYN with ACK, F, R.
  std::vector<std::string_view> segments;
  Phase phase;
  Reason reason;
  Side begun_by = Side::inside;
};

std::uint8_t flags_of(std::string_view letters) {
  std::uint8_t flags = 0;
  for (const char letter : letters) {
    if (letter == 'S') flags |= net::tcp_flag::syn;
    if (letter == 'A') flags |= net::tcp_flag::ack;
    if (letter == 'F') flags |= net::tcp_flag::fin;
    if (letter == 'R') flags |= net::tcp_flag::rst;
  }
  return flags;
}

}  // namespace

BOOST_AUTO_TEST_CASE(phases_and_reasons_follow_syn_fin_and_rst) {
  const Row rows[] = {
      {{"i:S"}, Phase::opening, Reason::timed_out},
      {{"i:S", "i:S"}, Phase::opening, Reason::timed_out},
      {{"i:S", "i:A"}, Phase::opening, Reason::timed_out},  // nobody has answered
      {{"i:S", "o:SA"}, Phase::opening, Reason::timed_out},
      {{"i:S", "o:SA", "o:SA"}, Phase::opening, Reason::timed_out},
      {{"i:S", "o:SA", "i:A"}, Phase::established, Reason::idle_timeout},
      {{"i:S", "o:A", "i:R"}, Phase::over, Reason::reset_by_client},  // a foreign ACK (FTC-14)
      {{"i:S", "o:S", "i:SA", "o:SA", "i:A"}, Phase::established, Reason::idle_timeout},
      {{"i:S", "o:RA"}, Phase::over, Reason::reset_by_server},
      {{"i:S", "o:SA", "i:A", "i:FA"}, Phase::closing, Reason::closed_by_client},
      {{"i:S", "o:SA", "i:A", "o:FA"}, Phase::closing, Reason::closed_by_server},
      {{"i:S", "o:SA", "i:A", "o:FA", "o:FA", "i:A"}, Phase::closing, Reason::closed_by_server},
      {{"i:S", "o:SA", "i:A", "o:FA", "i:FA"}, Phase::over, Reason::closed_by_server},
      {{"i:S", "o:SA", "i:A", "i:FA", "o:FA", "i:A"}, Phase::over, Reason::closed_by_client},
      {{"i:S", "o:SA", "i:A", "i:FA", "o:RA"}, Phase::over, Reason::reset_by_server},
      {{"i:S", "o:SA", "i:A", "i:FA", "o:FA", "o:RA"}, Phase::over, Reason::closed_by_client},
      {{"i:S", "o:SA", "i:A", "i:R", "o:A"}, Phase::over, Reason::reset_by_client},
      // Begun outside: the client is there.
      {{"o:S", "i:SA", "o:A", "i:FA"}, Phase::closing, Reason::closed_by_server, Side::outside},
      {{"o:S", "i:RA"}, Phase::over, Reason::reset_by_server, Side::outside},
      {{"o:S", "i:SA", "o:A", "o:FA"}, Phase::closing, Reason::closed_by_client, Side::outside},
  };
  for (const Row& row : rows) {
    Session session;
    session.phase = Phase::opening;
    session.begun_by = row.begun_by;
    std::string story;
    for (const std::string_view segment : row.segments) {
      story += std::string(segment) + ' ';
      follow(session, segment[0] == 'i' ? Side::inside : Side::outside,
             flags_of(segment.substr(2)));
    }
    BOOST_CHECK_MESSAGE(session.phase == row.phase,
                        story << "is in phase " << static_cast<int>(session.phase));
    BOOST_CHECK_MESSAGE(end_reason(session) == row.reason,
                        story << "ends as " << telemetry::to_string(end_reason(session)));
  }
}

}  // namespace elblab::middlebox

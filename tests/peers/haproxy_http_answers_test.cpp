// Which HTTP answers mean health: HttpAnswer and a list of codes beside haproxy's httpchk.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdio>
#include <span>
#include <string_view>

#include "models/health/http_answer.hpp"
#include "tests/peers/haproxy_checks.hpp"
#include "tests/peers/peer_network.hpp"
#include "tests/peers/probed_listeners.hpp"

namespace elblab::peers {
namespace {

using health::HttpAnswer;
using std::chrono::milliseconds;
using Ending = RawAnswer::Ending;

constexpr const char* kRest = "\r\nContent-Length: 0\r\n\r\n";

struct Row {
  const char* name;
  RawAnswer answer;
  const char* theirs;  // haproxy's result: L7STS another code, L7RSP no HTTP, L7TOUT no answer
  const char* ours;    // the reason of a probe's failure, "none": passed
  const char* why = nullptr;  // where only one of the two passes it
};

RawAnswer with_line(const std::string& line) { return {{line + kRest}}; }

const char* const kOneVersion = "we asked with HTTP/1.x, and take nothing else for an answer";
const char* const kStrictLine = "a status line is as RFC 9112 has it here; haproxy is lenient";
const char* const kLineDecides =
    "the status line decides here; haproxy reads the header to its end";

const std::vector<Row>& rows() {
  static const std::vector<Row> table{
      {"200", with_line("HTTP/1.1 200 OK"), "L7OK", "none"},
      {"200 of HTTP/1.0", with_line("HTTP/1.0 200 OK"), "L7OK", "none"},
      {"200, and stays open", {{"HTTP/1.1 200 OK\r\n\r\n"}, Ending::stay_open}, "L7OK", "none"},
      {"202", with_line("HTTP/1.1 202 Accepted"), "L7STS", "wrong_code"},
      {"204", with_line("HTTP/1.1 204 No Content"), "L7STS", "wrong_code"},
      {"301", with_line("HTTP/1.1 301 Moved"), "L7STS", "wrong_code"},
      {"401", with_line("HTTP/1.1 401 Unauthorized"), "L7STS", "wrong_code"},
      {"404", with_line("HTTP/1.1 404 Not Found"), "L7STS", "wrong_code"},
      {"500", with_line("HTTP/1.1 500 Error"), "L7STS", "wrong_code"},
      {"999", with_line("HTTP/1.1 999 x"), "L7STS", "wrong_code"},
      {"code of four digits", with_line("HTTP/1.1 2000 x"), "L7STS", "bad_answer"},
      {"code of two digits", with_line("HTTP/1.1 20 x"), "L7STS", "bad_answer"},
      {"code 099", with_line("HTTP/1.1 099 x"), "L7STS", "bad_answer"},
      {"no reason", with_line("HTTP/1.1 200"), "L7OK", "none"},
      {"empty reason", with_line("HTTP/1.1 200 "), "L7OK", "none"},
      {"reason not ASCII", with_line("HTTP/1.1 200 \xC3\xA9"), "L7OK", "none"},
      {"reason of 900", with_line("HTTP/1.1 200 " + std::string(900, 'a')), "L7OK", "none"},
      {"reason of 20,000", with_line("HTTP/1.1 200 " + std::string(20'000, 'a')), "L7RSP",
       "bad_answer"},
      {"LF alone", {{"HTTP/1.1 200 OK\nContent-Length: 0\n\n"}}, "L7OK", "none"},
      {"in pieces", {{"HT", "TP/1.1 2", "00 OK\r", "\n", "\r\n"}}, "L7OK", "none"},
      {"100 first",
       {{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"}},
       "L7STS",
       "wrong_code"},
      {"HTTP/2 200", with_line("HTTP/2 200 OK"), "L7RSP", "bad_answer"},
      {"http in small letters", with_line("http/1.1 200 OK"), "L7RSP", "bad_answer"},
      {"blank first", with_line(" HTTP/1.1 200 OK"), "L7RSP", "bad_answer"},
      {"another protocol", {{"SSH-2.0-OpenSSH_9.2\r\n"}}, "L7RSP", "bad_answer"},
      {"page without a status line", {{"<html>\r\n\r\n"}}, "L7RSP", "bad_answer"},
      {"closed without an answer", {}, "L7RSP", "bad_answer"},
      {"closed within the line", {{"HTTP/1.1 200 OK"}}, "L7RSP", "bad_answer"},
      {"reset without an answer", {{}, Ending::reset}, "SOCKERR", "reset_by_peer"},
      {"no answer", {{}, Ending::stay_open}, "L7TOUT", "no_answer"},

      {"HTTP/2.0 200", with_line("HTTP/2.0 200 OK"), "L7OK", "bad_answer", kOneVersion},
      {"HTTP/0.9 200", with_line("HTTP/0.9 200 OK"), "L7OK", "bad_answer", kOneVersion},
      {"two blanks before the code", with_line("HTTP/1.1  200 OK"), "L7OK", "bad_answer",
       kStrictLine},
      {"tab after the code", with_line("HTTP/1.1 200\tOK"), "L7OK", "bad_answer", kStrictLine},
      {"control byte in the reason", with_line("HTTP/1.1 200 O\x01K"), "L7OK", "bad_answer",
       kStrictLine},
      {"empty line first", with_line("\r\nHTTP/1.1 200 OK"), "L7OK", "bad_answer", kStrictLine},
      {"reason of 2,000", with_line("HTTP/1.1 200 " + std::string(2000, 'a')), "L7OK", "bad_answer",
       "a line has 1,024 bytes at most here, with haproxy a buffer of 16 KB"},
      {"closed after the line", {{"HTTP/1.1 200 OK\r\n"}}, "L7RSP", "none", kLineDecides},
      {"silent after the line",
       {{"HTTP/1.1 200 OK\r\n"}, Ending::stay_open},
       "L7TOUT",
       "none",
       kLineDecides},
      {"header line without a colon",
       {{"HTTP/1.1 200 OK\r\nBad Header\r\n\r\n"}},
       "L7RSP",
       "none",
       kLineDecides},
  };
  return table;
}

bool contains(const std::vector<int>& codes, int code) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

// As a Prober takes it: decided with the status line, or with the end of the connection.
std::string our_result(const RawAnswer& raw, const std::vector<int>& codes) {
  HttpAnswer answer;
  for (const std::string& piece : raw.pieces) {
    answer.read({reinterpret_cast<const std::uint8_t*>(piece.data()), piece.size()});
  }
  if (answer.state() == HttpAnswer::State::complete) {
    return contains(codes, answer.status()) ? "none" : "wrong_code";
  }
  if (answer.state() == HttpAnswer::State::broken) return "bad_answer";
  if (raw.ending == Ending::reset) return "reset_by_peer";
  return raw.ending == Ending::close ? "bad_answer" : "no_answer";
}

bool is_pass(const std::string& haproxy_result) { return haproxy_result.ends_with("OK"); }

// What a server answers to its first probe, and which check that is: haproxy's keywords.
struct Asked {
  RawAnswer answer;
  std::vector<std::string> lines;
};

std::vector<CheckedServer> checked_servers(const ProbedListeners& servers,
                                           const std::vector<Asked>& asked) {
  std::vector<CheckedServer> checked;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    checked.push_back({.endpoint = servers.endpoint(i), .lines = asked[i].lines});
  }
  return checked;
}

// haproxy's result of the first probe is read when the second has come.
std::vector<std::string> try_results(const std::vector<Asked>& asked, milliseconds interval) {
  const PeerNetwork network;
  ProbedListeners servers(asked.size());
  const HaproxyChecks haproxy(checked_servers(servers, asked), interval);
  std::vector<std::string> results(asked.size());
  std::vector<bool> answered(asked.size(), false);
  for (std::size_t missing = asked.size(); missing > 0;) {
    const std::size_t server = servers.next();
    if (!answered[server]) {
      servers.answer(server, asked[server].answer, [&] { haproxy.wait_until_it_has_read(); });
      answered[server] = true;
    } else if (results[server].empty()) {
      results[server] = haproxy.state(server).result;
      --missing;
    }
  }
  return results;
}

// haproxy gives up a connection that is not there within an interval. On a busy machine that may
// happen to it: then all is done again with longer ones.
std::vector<std::string> haproxy_results(const std::vector<Asked>& asked) {
  std::vector<std::string> results;
  milliseconds interval(200);
  for (int attempt = 0; attempt < 5; ++attempt, interval *= 2) {
    results = try_results(asked, interval);
    if (std::find(results.begin(), results.end(), "L4TOUT") == results.end()) break;
  }
  return results;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(http_answers_beside_haproxy)

BOOST_AUTO_TEST_CASE(an_answer_means_health_here_when_it_does_with_haproxy_but_for_listed_ones) {
  std::vector<Asked> asked;
  for (const Row& row : rows()) {
    // Short only where it is to run out: a busy machine could be late otherwise.
    const bool waits = row.theirs == std::string_view("L7TOUT");
    asked.push_back({row.answer,
                     {"option httpchk GET /", "http-check expect status 200",
                      waits ? "timeout check 20ms" : "timeout check 10s"}});
  }
  const std::vector<std::string> theirs = haproxy_results(asked);
  std::size_t alike = 0;
  for (std::size_t i = 0; i < rows().size(); ++i) {
    const Row& row = rows()[i];
    const std::string ours = our_result(row.answer, {200});
    BOOST_TEST_CONTEXT(row.name) {
      BOOST_TEST(theirs[i] == row.theirs);
      BOOST_TEST(ours == row.ours);
      BOOST_TEST((is_pass(theirs[i]) == (ours == "none")) == (row.why == nullptr));
    }
    if (row.why == nullptr) ++alike;
  }
  std::printf("HTTP answers: %zu of %zu mean the same\n", alike, rows().size());
}

// By design: redirects are no success (HC-S21), and codes are those of a list (HC-31 to HC-33).
BOOST_AUTO_TEST_CASE(without_a_list_haproxy_passes_every_code_of_200_to_399) {
  const std::vector<int> codes{200, 202, 204, 206, 301, 302, 304, 399, 400, 401, 404, 500, 503};
  const std::vector<int> ours{200, 202, 401};
  std::vector<Asked> asked;
  for (const int code : codes) {
    asked.push_back({with_line("HTTP/1.1 " + std::to_string(code) + " x"),
                     {"option httpchk GET /", "timeout check 10s"}});
  }
  const std::vector<std::string> theirs = haproxy_results(asked);
  for (std::size_t i = 0; i < codes.size(); ++i) {
    BOOST_TEST_CONTEXT(codes[i]) {
      BOOST_TEST(is_pass(theirs[i]) == (codes[i] >= 200 && codes[i] <= 399));
      BOOST_TEST((our_result(asked[i].answer, ours) == "none") == contains(ours, codes[i]));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::peers

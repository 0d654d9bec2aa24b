// What is a whole HTTP request, what breaks a rule, and what is kept of it.
#include "models/workload/http_request_reader.hpp"

#include <boost/test/unit_test.hpp>
#include <vector>

using namespace elblab::workload;
using State = HttpRequestReader::State;

namespace {

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

HttpRequestReader read(std::string_view text, std::size_t piece = 1000) {
  HttpRequestReader reader;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    reader.take(bytes_of(text.substr(at, piece)));
  }
  return reader;
}

bool is_malformed(std::string_view text) { return read(text).state() == State::malformed; }

}  // namespace

BOOST_AUTO_TEST_CASE(the_first_bytes_of_a_stream_tell_whether_it_is_http) {
  for (const std::string_view yes : {"GET ", "HEAD ", "GET /", "HEAD / HTTP/1.1"}) {
    BOOST_TEST(HttpRequestReader::begins(bytes_of(yes)), yes);
  }
  for (const std::string_view no :
       {"", "G", "GET", "HEAD", "get /", "POST /", "GETX", "\xE1\xB1"}) {
    BOOST_TEST(!HttpRequestReader::begins(bytes_of(no)), no);
  }
}

BOOST_AUTO_TEST_CASE(a_request_in_pieces_of_any_size_is_read_the_same) {
  constexpr std::string_view kText =
      "GET /health?deep=1 HTTP/1.1\r\nHost: WWW.Example.com:90\r\nAccept: */*\r\n\r\n";
  for (const std::size_t piece : {1U, 2U, 3U, 17U, 1000U}) {
    const HttpRequestReader reader = read(kText, piece);
    BOOST_TEST((reader.state() == State::whole));
    BOOST_TEST(reader.request().path == "/health");
    BOOST_TEST(reader.request().host == "www.example.com");
    BOOST_TEST(reader.request().minor == 1U);
    BOOST_TEST(!reader.request().head);
  }
  BOOST_TEST((read(kText.substr(0, kText.size() - 1)).state() == State::reading));
}

BOOST_AUTO_TEST_CASE(version_1_0_needs_no_host_and_1_1_does) {
  const HttpRequestReader old = read("HEAD / HTTP/1.0\r\n\r\n");
  BOOST_TEST((old.state() == State::whole));
  BOOST_TEST(old.request().head);
  BOOST_TEST(old.request().minor == 0U);
  BOOST_TEST(old.request().host.empty());
  BOOST_TEST(is_malformed("GET / HTTP/1.1\r\n\r\n"));
  BOOST_TEST((read("GET / HTTP/1.1\r\nHost:\r\n\r\n").state() == State::whole));
  // A minor version of the future is spoken to as 1.1.
  BOOST_TEST(read("GET / HTTP/1.7\r\nHost: a\r\n\r\n").request().minor == 1U);
}

BOOST_AUTO_TEST_CASE(bytes_behind_the_request_are_ignored) {
  const HttpRequestReader reader = read("GET /a HTTP/1.0\r\n\r\nGET /b HTTP/9\r\n\r\nrubbish\n", 7);
  BOOST_TEST((reader.state() == State::whole));
  BOOST_TEST(reader.request().path == "/a");
}

BOOST_AUTO_TEST_CASE(the_host_of_a_whole_address_counts_and_not_that_of_the_field) {
  const HttpRequestReader reader =
      read("GET HTTP://A.example:90/x?y HTTP/1.1\r\nHost: b.example\r\n\r\n");
  BOOST_TEST((reader.state() == State::whole));
  BOOST_TEST(reader.request().host == "a.example");
  BOOST_TEST(reader.request().path == "/x");
  BOOST_TEST(read("GET http://a?q HTTP/1.0\r\n\r\n").request().path == "/");
}

BOOST_AUTO_TEST_CASE(an_ipv6_host_keeps_its_brackets_and_loses_its_port) {
  BOOST_TEST(read("GET / HTTP/1.1\r\nHost: [2001:DB8::1]:90\r\n\r\n").request().host ==
             "[2001:db8::1]");
}

BOOST_AUTO_TEST_CASE(what_breaks_a_rule_is_malformed) {
  for (const std::string_view line :
       {"GET", "GET /", "GET / ", "GET / HTTP/1.1 ", "GET  / HTTP/1.1", "GET / HTTP/2.0",
        "GET / http/1.1", "GET / HTTP/1.x", "GET x HTTP/1.1", "GET * HTTP/1.1",
        "GET http:///x HTTP/1.1", "GET /\x01 HTTP/1.1", "GET /\xC3\xA9 HTTP/1.1"}) {
    BOOST_TEST(is_malformed(std::string(line) + "\r\nHost: a\r\n\r\n"), line);
  }
  for (const std::string_view field :
       {"no colon", ": no name", "Blank : before", " Folded: line", "Bell: \a", "Host: a b",
        "Host: a:b", "Host: user@a", "Host: a\r\nHost: a"}) {
    BOOST_TEST(is_malformed("GET / HTTP/1.0\r\n" + std::string(field) + "\r\n\r\n"), field);
  }
}

BOOST_AUTO_TEST_CASE(a_line_that_ends_without_carriage_return_is_malformed_at_once) {
  BOOST_TEST(is_malformed("GET / HTTP/1.0\n"));
  BOOST_TEST(is_malformed("GET / HTTP/1.0\r\nA: b\n"));
}

BOOST_AUTO_TEST_CASE(a_head_of_8_kib_is_read_and_one_byte_more_is_too_long) {
  const auto padded = [](std::size_t size) {
    const std::string begin = "GET / HTTP/1.0\r\nPad: ";
    return begin + std::string(size - begin.size() - 4, 'x') + "\r\n\r\n";
  };
  BOOST_TEST((read(padded(8192)).state() == State::whole));
  BOOST_TEST((read(padded(8193)).state() == State::too_long));
  BOOST_TEST((read("GET /" + std::string(100'000, 'a')).state() == State::too_long));
}

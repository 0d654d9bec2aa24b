#include "models/health/http_answer.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "models/random/stream.hpp"

namespace elblab::health {
namespace {

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(http_answer)

BOOST_AUTO_TEST_CASE(tells_the_code_of_a_status_line_and_nothing_else_is_one) {
  struct Row {
    std::string text;
    int status;  // 0: broken, -1: incomplete
  };
  const std::vector<Row> table{
      {"HTTP/1.0 200 OK\r\n", 200},
      {"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", 404},
      {"HTTP/1.1 401 \r\n", 401},
      {"HTTP/1.1 202\r\n", 202},  // the space before an empty reason left out, as many do
      {"HTTP/1.1 500 \xC3\xA9\r\n", 500},
      {"HTTP/1.0 200 OK\n", 200},
      {"HTTP/1.1 200 OK", -1},
      {"HTTP/1.", -1},
      {"", -1},
      {"\r\n", 0},
      {"HTTP/2.0 200 OK\r\n", 0},
      {"HTTP/1.x 200 OK\r\n", 0},
      {"http/1.1 200 OK\r\n", 0},
      {"HTTP/1.1  200 OK\r\n", 0},
      {"HTTP/1.1 20 OK\r\n", 0},
      {"HTTP/1.1 2000 OK\r\n", 0},
      {"HTTP/1.1 099 OK\r\n", 0},
      {"HTTP/1.1 +20 OK\r\n", 0},
      {"HTTP/1.1 200\tOK\r\n", 0},
      {"HTTP/1.1 200 O\x01K\r\n", 0},
      {" HTTP/1.1 200 OK\r\n", 0},
      {"SSH-2.0-OpenSSH_9.2\r\n", 0},
      {"<html>\r\n", 0},
  };
  for (const Row& row : table) {
    HttpAnswer answer;
    const HttpAnswer::State state = answer.read(bytes_of(row.text));
    BOOST_TEST_CONTEXT(row.text) {
      if (row.status > 0) {
        BOOST_TEST((state == HttpAnswer::State::complete));
        BOOST_TEST(answer.status() == row.status);
      } else {
        BOOST_TEST((state ==
                    (row.status == 0 ? HttpAnswer::State::broken : HttpAnswer::State::incomplete)));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(is_read_alike_in_pieces_of_any_size) {
  random::Stream random(1, "pieces");
  const std::string text = "HTTP/1.1 503 Service Unavailable\r\nServer: x\r\n\r\nbody\n";
  for (int trial = 0; trial < 200; ++trial) {
    HttpAnswer answer;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t size = 1 + random.below(text.size() - at);
      answer.read(bytes_of(std::string_view(text).substr(at, size)));
      at += size;
    }
    BOOST_REQUIRE((answer.state() == HttpAnswer::State::complete));
    BOOST_REQUIRE_EQUAL(answer.status(), 503);
  }
}

BOOST_AUTO_TEST_CASE(a_line_without_end_is_broken_and_kept_no_longer_than_its_bound) {
  HttpAnswer answer;
  const std::string endless = "HTTP/1.1 200 " + std::string(100, 'a');
  std::size_t read = 0;
  while (answer.state() == HttpAnswer::State::incomplete) {
    answer.read(bytes_of(endless));
    read += endless.size();
    BOOST_REQUIRE(read <= HttpAnswer::kLongestLine + endless.size());
  }
  BOOST_TEST((answer.state() == HttpAnswer::State::broken));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::health

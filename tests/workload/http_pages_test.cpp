// Which status a path and a host are answered with, and the answer's text.
#include "models/workload/http_pages.hpp"

#include <boost/test/unit_test.hpp>

using namespace elblab::workload;

namespace {

HttpRequest request_for(std::string path, std::string host = {}) {
  return {.path = std::move(path), .host = std::move(host)};
}

}  // namespace

BOOST_AUTO_TEST_CASE(without_pages_every_path_is_fine) {
  const HttpPages pages({}, "");
  BOOST_TEST(pages.status_of(request_for("/")) == 200);
  BOOST_TEST(pages.status_of(request_for("/any/where")) == 200);
}

BOOST_AUTO_TEST_CASE(with_pages_a_path_has_its_own_status_and_others_are_not_found) {
  const HttpPages pages({{"/", 200}, {"/health", 503}}, "");
  BOOST_TEST(pages.status_of(request_for("/")) == 200);
  BOOST_TEST(pages.status_of(request_for("/health")) == 503);
  for (const char* other : {"/health/", "/Health", "/heal", "//"}) {
    BOOST_TEST(pages.status_of(request_for(other)) == 404, other);
  }
}

BOOST_AUTO_TEST_CASE(a_host_name_turns_down_requests_for_others_whatever_the_path) {
  const HttpPages pages({{"/health", 204}}, "WWW.example.com");
  BOOST_TEST(pages.status_of(request_for("/health", "www.example.com")) == 204);
  BOOST_TEST(pages.status_of(request_for("/", "www.example.com")) == 404);
  for (const char* other : {"", "example.com", "10.0.0.2", "www.example.com."}) {
    BOOST_TEST(pages.status_of(request_for("/health", other)) == 421, other);
  }
}

BOOST_AUTO_TEST_CASE(an_answer_has_the_version_of_its_request) {
  HttpRequest request = request_for("/");
  BOOST_TEST(HttpPages::answer(request, 200) ==
             "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\n200 OK\n");
  request.minor = 0;
  BOOST_TEST(HttpPages::answer(request, 404) ==
             "HTTP/1.0 404 Not Found\r\nContent-Length: 14\r\nConnection: close\r\n\r\n"
             "404 Not Found\n");
}

BOOST_AUTO_TEST_CASE(an_answer_to_head_has_the_length_of_a_body_and_none) {
  HttpRequest request = request_for("/");
  request.head = true;
  BOOST_TEST(HttpPages::answer(request, 200) ==
             "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(a_status_without_a_body_has_no_length) {
  for (const int status : {100, 199, 204, 304}) {
    const std::string answer =
        HttpPages::answer(request_for("/"), static_cast<std::uint16_t>(status));
    BOOST_TEST(answer.find("Content-Length") == std::string::npos, answer);
    BOOST_TEST(answer.ends_with("\r\n\r\n"), answer);
  }
}

BOOST_AUTO_TEST_CASE(a_status_nobody_registered_has_no_reason) {
  BOOST_TEST(HttpPages::answer(request_for("/"), 599).starts_with("HTTP/1.1 599 \r\n"));
}

// What a service answers to HTTP: to a balancer's health check, curl, a browser.
//
//   GET /health HTTP/1.1          HTTP/1.1 503 Service Unavailable
//   Host: www.example.com:90  ->  Content-Length: 24
//                                 Connection: close
//
//                                 503 Service Unavailable
//
// The status is that of the page at exactly this path, whatever its query; of a path without a page
// it is 404, and 200 where a service has no pages at all. A service that has a host name answers
// 421 to a request for another, or for none: so a server answers that is asked for what it is not
// the authority of (RFC 9110 §7.4, §15.5.20), and nginx or Apache whose default server is set up
// to refuse.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/workload/http_request_reader.hpp"
#include "models/workload/parameters.hpp"

namespace elblab::workload {

namespace http_status {
inline constexpr std::uint16_t ok = 200;
inline constexpr std::uint16_t bad_request = 400;
inline constexpr std::uint16_t not_found = 404;
inline constexpr std::uint16_t misdirected_request = 421;
}  // namespace http_status

class HttpPages {
 public:
  HttpPages(std::vector<HttpPage> pages, std::string_view host_name);

  // O(pages).
  std::uint16_t status_of(const HttpRequest& request) const;
  // The whole answer, after which the service closes: HTTP/1.0 to 1.0, no body to HEAD and where
  // the status has none.
  static std::string answer(const HttpRequest& request, std::uint16_t status);

 private:
  std::vector<HttpPage> pages_;
  std::string host_name_;  // in small letters, as HttpRequest::host
};

}  // namespace elblab::workload

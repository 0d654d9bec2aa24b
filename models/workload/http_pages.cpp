#include "models/workload/http_pages.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace elblab::workload {
namespace {

using Reason = std::pair<std::uint16_t, std::string_view>;

// The register of RFC 9110 §15, without those that no plain GET is answered.
constexpr std::array kReasons{
    Reason{100, "Continue"},
    Reason{101, "Switching Protocols"},
    Reason{200, "OK"},
    Reason{201, "Created"},
    Reason{202, "Accepted"},
    Reason{203, "Non-Authoritative Information"},
    Reason{204, "No Content"},
    Reason{205, "Reset Content"},
    Reason{206, "Partial Content"},
    Reason{300, "Multiple Choices"},
    Reason{301, "Moved Permanently"},
    Reason{302, "Found"},
    Reason{303, "See Other"},
    Reason{304, "Not Modified"},
    Reason{307, "Temporary Redirect"},
    Reason{308, "Permanent Redirect"},
    Reason{400, "Bad Request"},
    Reason{401, "Unauthorized"},
    Reason{402, "Payment Required"},
    Reason{403, "Forbidden"},
    Reason{404, "Not Found"},
    Reason{405, "Method Not Allowed"},
    Reason{406, "Not Acceptable"},
    Reason{407, "Proxy Authentication Required"},
    Reason{408, "Request Timeout"},
    Reason{409, "Conflict"},
    Reason{410, "Gone"},
    Reason{421, "Misdirected Request"},
    Reason{426, "Upgrade Required"},
    Reason{429, "Too Many Requests"},
    Reason{500, "Internal Server Error"},
    Reason{501, "Not Implemented"},
    Reason{502, "Bad Gateway"},
    Reason{503, "Service Unavailable"},
    Reason{504, "Gateway Timeout"},
    Reason{505, "HTTP Version Not Supported"},
};

// Of others it is empty, as RFC 9112 §4 allows.
std::string_view reason_of(std::uint16_t status) {
  const auto* const known = std::ranges::find(kReasons, status, &Reason::first);
  return known == kReasons.end() ? std::string_view() : known->second;
}

// RFC 9110 §8.6, §15.4.5: they end with the empty line, and have no length either.
bool has_body(std::uint16_t status) { return status >= 200 && status != 204 && status != 304; }

}  // namespace

HttpPages::HttpPages(std::vector<HttpPage> pages, std::string_view host_name)
    : pages_(std::move(pages)), host_name_(small_letters(host_name)) {}

std::uint16_t HttpPages::status_of(const HttpRequest& request) const {
  if (!host_name_.empty() && request.host != host_name_) return http_status::misdirected_request;
  if (pages_.empty()) return http_status::ok;
  const auto page = std::ranges::find(pages_, request.path, &HttpPage::path);
  return page == pages_.end() ? http_status::not_found : page->status;
}

std::string HttpPages::answer(const HttpRequest& request, std::uint16_t status) {
  const std::string line = std::to_string(status) + " " + std::string(reason_of(status));
  const std::string body = has_body(status) ? line + "\n" : "";
  std::string answer = (request.minor == 0 ? "HTTP/1.0 " : "HTTP/1.1 ") + line + "\r\n";
  if (!body.empty()) answer += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  answer += "Connection: close\r\n\r\n";
  return request.head ? answer : answer + body;
}

}  // namespace elblab::workload

#include "models/workload/http_request_reader.hpp"

#include <algorithm>
#include <array>

namespace elblab::workload {
namespace {

constexpr std::array<std::string_view, 2> kMethods{"GET ", "HEAD "};
constexpr std::string_view kScheme = "http://";

char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_letter(char c) { return small(c) >= 'a' && small(c) <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// RFC 9110 §5.6.2.
bool is_token_character(char c) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return is_letter(c) || is_digit(c) || kOthers.find(c) != std::string_view::npos;
}

bool is_visible(char c) { return c > ' ' && c < 0x7F; }

// Values may hold bytes above ASCII (RFC 9110 §5.5), and no control characters but the tab.
bool is_field_character(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == '\t' || (byte >= ' ' && byte != 0x7F);
}

bool is_host_character(char c) {
  constexpr std::string_view kOthers = "-._~!$&'()*+,;=%[]:";  // RFC 3986 §3.2.2
  return is_letter(c) || is_digit(c) || kOthers.find(c) != std::string_view::npos;
}

bool same_letters(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, small, small);
}

std::string_view without_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

std::string small_letters(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), small);
  return result;
}

bool HttpRequestReader::begins(std::span<const std::uint8_t> first) {
  return std::ranges::any_of(kMethods, [first](std::string_view method) {
    return first.size() >= method.size() &&
           std::ranges::equal(first.first(method.size()), method,
                              [](std::uint8_t byte, char c) { return byte == c; });
  });
}

HttpRequestReader::State HttpRequestReader::take(std::span<const std::uint8_t> bytes) {
  for (const std::uint8_t byte : bytes) {
    if (state_ != State::reading) break;
    if (size_ == kLongestHead) {
      state_ = State::too_long;
      break;
    }
    ++size_;
    line_.push_back(static_cast<char>(byte));
    if (byte == '\n') end_line();
  }
  return state_;
}

void HttpRequestReader::end_line() {
  std::string_view line = line_;
  const bool ended = line.ends_with("\r\n");
  if (ended) line.remove_suffix(2);
  if (!ended) {
    state_ = State::malformed;
  } else if (!request_line_read_) {
    request_line_read_ = read_request_line(line);
    if (!request_line_read_) state_ = State::malformed;
  } else if (line.empty()) {
    state_ = has_all() ? State::whole : State::malformed;
  } else if (!read_field(line)) {
    state_ = State::malformed;
  }
  line_.clear();
}

bool HttpRequestReader::read_request_line(std::string_view line) {
  const auto* const method = std::ranges::find_if(
      kMethods, [line](std::string_view known) { return line.starts_with(known); });
  if (method == kMethods.end()) return false;
  request_.head = *method == "HEAD ";
  line.remove_prefix(method->size());
  const auto blank = line.find(' ');
  if (blank == std::string_view::npos) return false;
  const std::string_view version = line.substr(blank + 1);
  // Another minor version is one that behaves as 1.1 (RFC 9110 §2.5).
  if (version.size() != 8 || !version.starts_with("HTTP/1.") || !is_digit(version.back())) {
    return false;
  }
  request_.minor = version.back() == '0' ? 0 : 1;
  return read_target(line.substr(0, blank));
}

// "/path?query", or "http://host:90/path", which servers must understand (RFC 9112 §3.2.2).
bool HttpRequestReader::read_target(std::string_view target) {
  if (!std::ranges::all_of(target, is_visible)) return false;
  if (same_letters(target.substr(0, kScheme.size()), kScheme)) {
    target.remove_prefix(kScheme.size());
    const std::string_view authority = target.substr(0, target.find_first_of("/?"));
    host_in_target_ = true;
    if (authority.empty() || !read_host(authority)) return false;
    target.remove_prefix(authority.size());
  } else if (!target.starts_with('/')) {
    return false;
  }
  request_.path = target.substr(0, target.find('?'));
  if (request_.path.empty()) request_.path = "/";
  return true;
}

bool HttpRequestReader::read_field(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = line.substr(colon + 1);
  if (!std::ranges::all_of(name, is_token_character)) return false;
  if (!std::ranges::all_of(value, is_field_character)) return false;
  if (!same_letters(name, "host")) return true;
  if (host_given_) return false;
  host_given_ = true;
  if (!host_in_target_) return read_host(without_blanks(value));
  return true;
}

// "www.example.com:90", "[2001:db8::1]:90".
bool HttpRequestReader::read_host(std::string_view authority) {
  if (!std::ranges::all_of(authority, is_host_character)) return false;
  const auto bracket = authority.rfind(']');
  const auto colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon != std::string_view::npos) {
    if (!std::ranges::all_of(authority.substr(colon + 1), is_digit)) return false;
    authority = authority.substr(0, colon);
  }
  request_.host = small_letters(authority);
  return true;
}

// RFC 9112 §3.2.
bool HttpRequestReader::has_all() const { return host_given_ || request_.minor == 0; }

}  // namespace elblab::workload

// Reads one HTTP/1.x request head (RFC 9112) from a TCP stream that comes in pieces of any size:
// the request line and the fields up to the empty line. Of the fields it keeps Host.
//
// It is as strict as a server that wants to be asked properly: CRLF ends a line, one blank stands
// between the words of the request line, a field has a name and no blank before its colon, lines
// are not folded, HTTP/1.1 needs exactly one Host. What breaks a rule is told at the end of the
// line that does. GET and HEAD are the methods: what they ask for has no body, and bytes behind the
// empty line are ignored, a body or another request alike.
//
// O(1) per byte; memory: one line, of at most kLongestHead bytes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace elblab::workload {

struct HttpRequest {
  bool head = false;   // HEAD: an answer without its body
  unsigned minor = 1;  // HTTP/1.<minor>: 0 or 1
  std::string path;    // as sent, nothing decoded; without the query
  std::string host;    // in small letters, without a port; empty: none was given
};

// As hosts are compared.
std::string small_letters(std::string_view text);

class HttpRequestReader {
 public:
  enum class State : std::uint8_t { reading, whole, malformed, too_long };
  // Line ends included.
  static constexpr std::size_t kLongestHead = 8192;

  // Whether a stream that begins with these bytes is to be read as HTTP: after "GET " or "HEAD ".
  // False also where that cannot be told yet, before the fifth byte.
  static bool begins(std::span<const std::uint8_t> first);

  State take(std::span<const std::uint8_t> bytes);
  State state() const { return state_; }
  // What was read so far: all of it once whole.
  const HttpRequest& request() const { return request_; }

 private:
  void end_line();
  bool read_request_line(std::string_view line);
  bool read_target(std::string_view target);
  bool read_field(std::string_view line);
  bool read_host(std::string_view authority);
  bool has_all() const;

  State state_ = State::reading;
  HttpRequest request_;
  std::string line_;
  std::size_t size_ = 0;
  bool request_line_read_ = false;
  bool host_in_target_ = false;  // it counts, whatever the field says
  bool host_given_ = false;      // by a field
};

}  // namespace elblab::workload

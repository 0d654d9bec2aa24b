#include "models/health/http_answer.hpp"

#include <algorithm>
#include <string_view>

namespace elblab::health {
namespace {

// "HTTP/1.0 200": version, a space, the code; then a reason, which may be empty or left out.
constexpr std::string_view kVersion = "HTTP/1.";
constexpr std::size_t kCodeAt = 9;
constexpr std::size_t kCodeEnd = kCodeAt + 3;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_text(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return c == '\t' || (byte >= 0x20 && byte != 0x7F);
}

}  // namespace

HttpAnswer::State HttpAnswer::read(std::span<const std::uint8_t> bytes) {
  if (state_ != State::incomplete) return state_;
  const auto end = std::find(bytes.begin(), bytes.end(), '\n');
  line_.append(bytes.begin(), end);
  if (line_.size() > kLongestLine) {
    state_ = State::broken;
  } else if (end != bytes.end()) {
    decide();
  }
  return state_;
}

void HttpAnswer::decide() {
  std::string_view line = line_;
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  state_ = State::broken;
  if (line.size() < kCodeEnd || line.substr(0, kVersion.size()) != kVersion) return;
  if (!is_digit(line[kVersion.size()]) || line[kCodeAt - 1] != ' ') return;
  const std::string_view code = line.substr(kCodeAt, 3);
  if (!std::all_of(code.begin(), code.end(), is_digit) || code[0] == '0') return;
  if (line.size() > kCodeEnd && line[kCodeEnd] != ' ') return;
  if (!std::all_of(line.begin() + kCodeEnd, line.end(), is_text)) return;
  status_ = (code[0] - '0') * 100 + (code[1] - '0') * 10 + (code[2] - '0');
  state_ = State::complete;
}

}  // namespace elblab::health

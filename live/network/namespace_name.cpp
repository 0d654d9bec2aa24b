#include "live/network/namespace_name.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>

namespace elblab::live {
namespace {

constexpr std::string_view kPrefix = "elblab-";
constexpr std::size_t kLongestHost = 100;  // well below NAME_MAX

bool plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

// Takes "<digits>-" from the front of the text.
template <typename Number>
bool take_number(std::string_view& text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto length = static_cast<std::size_t>(end - text.data());
  if (error != std::errc{} || length == text.size() || *end != '-') return false;
  text.remove_prefix(length + 1);
  return true;
}

}  // namespace

std::optional<ProcessIdentity> identify_process(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  // The second field is the program's name, which may itself hold blanks and parentheses.
  const auto name_end = line.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(line.substr(name_end + 1));
  char state = 0;
  fields >> state;
  if (state == 'Z' || state == 'X') return std::nullopt;  // ended, only not yet waited for
  std::string skipped;
  for (int field = 4; field < 22; ++field) fields >> skipped;
  ProcessIdentity identity{.pid = pid, .start_time = 0};
  if (!(fields >> identity.start_time)) return std::nullopt;
  return identity;
}

ProcessIdentity this_process() {
  return identify_process(getpid()).value_or(ProcessIdentity{.pid = getpid(), .start_time = 0});
}

std::string namespace_name(const ProcessIdentity& owner, std::string_view host) {
  std::string name(host.substr(0, kLongestHost));
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !plain(c); }, '_');
  return std::string(kPrefix) + std::to_string(owner.pid) + "-" + std::to_string(owner.start_time) +
         "-" + name;
}

std::optional<ProcessIdentity> namespace_owner(std::string_view name) {
  if (!name.starts_with(kPrefix)) return std::nullopt;
  name.remove_prefix(kPrefix.size());
  ProcessIdentity owner;
  if (!take_number(name, owner.pid) || !take_number(name, owner.start_time)) return std::nullopt;
  if (owner.pid <= 0 || name.empty()) return std::nullopt;
  return owner;
}

}  // namespace elblab::live

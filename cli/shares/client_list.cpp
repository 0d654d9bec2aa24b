#include "cli/shares/client_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>

#include "cli/text/one_line.hpp"

namespace elblab::cli {
namespace {

constexpr std::size_t kMostErrors = 8;
// No entry is longer; what is, is cut in messages.
constexpr std::size_t kMostShown = 60;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string shown(std::string_view entry) {
  return one_line(entry.size() > kMostShown ? std::string(entry.substr(0, kMostShown)) + "…"
                                            : std::string(entry));
}

// The number of addresses from first to last, at most kMostClients + 1; nullopt: not a range.
std::optional<std::uint64_t> length_of(const net::IpAddress& first, const net::IpAddress& last) {
  if (first.is_v4() != last.is_v4() || last < first) return std::nullopt;
  const bool far = first.high() != last.high() || last.low() - first.low() >= kMostClients;
  return far ? kMostClients + 1 : last.low() - first.low() + 1;
}

}  // namespace

Expected<void> ClientList::add_run(const net::IpAddress& first, std::uint64_t count,
                                   std::string_view entry, const std::string& where) {
  if (count > kMostClients - addresses_.size()) {
    return Error{fmt::format("{}: with {} there are more than {} clients, which is the most", where,
                             shown(entry), kMostClients)};
  }
  for (std::uint64_t i = 0; i < count; ++i) addresses_.push_back(first.plus(i));
  return {};
}

Expected<void> ClientList::add(std::string_view entry, const std::string& where) {
  if (const auto dash = entry.find('-'); dash != std::string_view::npos) {
    const auto first = net::IpAddress::parse(trimmed(entry.substr(0, dash)));
    const auto last = net::IpAddress::parse(trimmed(entry.substr(dash + 1)));
    const auto count = first && last ? length_of(*first, *last) : std::nullopt;
    if (count) return add_run(*first, *count, entry, where);
  } else if (const auto block = net::Subnet::parse(entry)) {
    return add_run(block->base(), block->size(), entry, where);
  }
  return Error{fmt::format(
      "{}: '{}' is no address, block or range, for example 203.0.113.7, 203.0.113.0/24 or "
      "203.0.113.1-203.0.113.9",
      where, shown(entry))};
}

std::vector<std::string> ClientList::add_file(const std::string& path) {
  errno = 0;
  std::ifstream file(path);
  std::vector<std::string> errors;
  std::size_t more = 0;
  std::string line;
  bool any = false;
  for (std::size_t number = 1; file && std::getline(file, line); ++number) {
    const std::string_view before_remark = std::string_view(line).substr(0, line.find('#'));
    const std::string_view entry = trimmed(before_remark);
    if (entry.empty()) continue;
    any = true;
    const auto column = static_cast<std::size_t>(entry.data() - line.data()) + 1;
    const auto added = add(entry, fmt::format("{}:{}:{}", path, number, column));
    if (added) continue;
    if (errors.size() < kMostErrors) {
      errors.push_back(added.error().message);
    } else {
      ++more;
    }
  }
  if (more > 0) errors.push_back(fmt::format("{}: {} more lines like these", path, more));
  if (any) return errors;
  if (!file.eof()) {
    return {fmt::format("{}: cannot read it: {}", path,
                        errno != 0 ? std::strerror(errno) : "not a file")};
  }
  return {fmt::format("{}: holds no address of a client", path)};
}

std::size_t ClientList::distinct() const {
  std::vector<net::IpAddress> sorted = addresses_;
  std::sort(sorted.begin(), sorted.end());
  return static_cast<std::size_t>(std::unique(sorted.begin(), sorted.end()) - sorted.begin());
}

}  // namespace elblab::cli

#include "analysis/diagnosis/probe_ends.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include "analysis/trace/database.hpp"

namespace elblab::diagnosis {
namespace {

constexpr int kPortBits = 16;
constexpr std::int64_t kPortMask = 0xFFFF;

std::uint16_t port_number(std::string_view text) {
  std::uint16_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// Name and detail of objects of a kind; take(detail) for each that has one.
template <typename Take>
void each_detail(const trace::Reader& trace, const char* kind, Take take) {
  trace::Statement rows(trace.database(),
                        "SELECT detail FROM objects_view WHERE kind = ?1 AND detail <> ''");
  rows.bind(1, std::string_view(kind));
  trace::Step step = rows.step();
  for (; step == trace::Step::row; step = rows.step()) take(std::string(rows.text(0)));
  trace.noted(step == trace::Step::done);
}

// Numbers of addresses, of those that anything was recorded of.
std::map<std::string, std::int64_t> numbers_of(const trace::Reader& trace) {
  std::map<std::string, std::int64_t> numbers;
  trace::Statement rows(trace.database(), "SELECT address, id FROM addresses");
  trace::Step step = rows.step();
  for (; step == trace::Step::row; step = rows.step()) {
    numbers[std::string(rows.text(0))] = rows.integer(1);
  }
  trace.noted(step == trace::Step::done);
  return numbers;
}

}  // namespace

ProbeEnds::ProbeEnds(const trace::Reader& trace) {
  std::vector<std::string> sources;
  each_detail(trace, "node", [&](const std::string& text) { sources.push_back(text); });
  if (sources.empty()) return;  // nobody probes
  const auto numbers = numbers_of(trace);
  for (const std::string& text : sources) {
    const std::size_t space = text.find(' ');
    const std::size_t dash = text.find('-', space == std::string::npos ? 0 : space);
    const auto number = numbers.find(text.substr(0, space));
    if (space == std::string::npos || dash == std::string::npos || number == numbers.end()) {
      continue;
    }
    sources_[number->second].push_back(
        {port_number(std::string_view(text).substr(space + 1, dash - space - 1)),
         port_number(std::string_view(text).substr(dash + 1))});
  }
  each_detail(trace, "server", [&](const std::string& text) {
    const auto number = numbers.find(address_of(text));
    if (number != numbers.end()) servers_[number->second] = number->first;
  });
}

bool ProbeEnds::is_probe_source(std::int64_t endpoint) const {
  const auto found = sources_.find(endpoint >> kPortBits);
  if (found == sources_.end()) return false;
  const std::int64_t port = endpoint & kPortMask;
  return port == 0 || std::any_of(found->second.begin(), found->second.end(), [&](Ports ports) {
           return port >= ports.first && port <= ports.last;
         });
}

std::optional<ProbeEnds::Packet> ProbeEnds::packet(std::int64_t source,
                                                   std::int64_t destination) const {
  if (sources_.empty()) return std::nullopt;
  const bool to_server = is_probe_source(source);
  if (!to_server && !is_probe_source(destination)) return std::nullopt;
  const auto server = servers_.find((to_server ? destination : source) >> kPortBits);
  if (server == servers_.end()) return std::nullopt;
  return Packet{&server->second, to_server};
}

std::string address_of(const std::string& endpoint) {
  const std::string address = endpoint.substr(0, endpoint.rfind(':'));
  const bool bracketed = address.starts_with('[') && address.ends_with(']');
  return bracketed ? address.substr(1, address.size() - 2) : address;
}

std::uint16_t port_of(const std::string& endpoint) {
  const std::size_t colon = endpoint.rfind(':');
  return colon == std::string::npos ? std::uint16_t{0}
                                    : port_number(std::string_view(endpoint).substr(colon + 1));
}

}  // namespace elblab::diagnosis

#include <fmt/format.h>

#include <algorithm>

#include "pcap/findings/capture_diagnosis.hpp"
#include "pcap/findings/finding_text.hpp"
#include "pcap/link_layer.hpp"

namespace elblab::findings {
namespace {

constexpr std::size_t kMostServices = 4;

std::string role_of(const Service& service, const EndpointNames& names) {
  const bool tcp = service.protocol == net::Protocol::tcp;
  std::string text = fmt::format("{} {} serves {}", tcp ? "tcp" : "udp", names.of(service.endpoint),
                                 counted(service.connections.size(), tcp ? "connection" : "flow",
                                         tcp ? "connections" : "flows"));
  if (service.is_behind) text += ", passed on to it from another endpoint of this capture";
  return text;
}

void say_roles(const Books& books, const EndpointNames& names, std::vector<std::string>& said) {
  for (std::size_t i = 0; i < books.services.size() && i < kMostServices; ++i) {
    said.push_back(role_of(books.services[i], names));
  }
  if (books.services.size() > kMostServices) {
    said.push_back(
        fmt::format("{} more endpoints are asked", number(books.services.size() - kMostServices)));
  }
  if (books.hops.by_numbers + books.hops.by_payload > 0) {
    said.push_back(fmt::format(
        "{} stand here twice, before and behind a balancer ({} by their sequence numbers, {} by "
        "their payload): each counts once",
        counted(books.hops.by_numbers + books.hops.by_payload, "connection", "connections"),
        number(books.hops.by_numbers), number(books.hops.by_payload)));
  }
}

void say_copies(const Books& books, std::vector<std::string>& said) {
  std::uint64_t copies = 0;
  std::uint64_t missed = 0;
  for (const Connection& c : books.streams->list) {
    for (const Side side : {Side::client, Side::server}) {
      copies += c.counts(side).captured_twice;
      missed += c.counts(side).missed;
    }
  }
  if (copies > 0) {
    said.push_back(fmt::format("{} captured more than once: counted once",
                               counted(copies, "frame was", "frames were")));
  }
  if (missed > 0) {
    said.push_back(fmt::format("{} acknowledged and never captured: the capture lacks packets",
                               counted(missed, "stretch was", "stretches were")));
  }
}

void say_what_is_unread(const streams::StreamReport& report, std::vector<std::string>& said) {
  for (const auto& [link, count] : report.unread_links) {
    said.push_back(fmt::format("{} of {} cannot be read", counted(count, "frame", "frames"),
                               pcap::link_type_name(link)));
  }
  for (const auto& [type, count] : report.not_ip_types) {
    if (type != 0) {
      said.push_back(counted(count, "frame is ", "frames are ") + pcap::ether_type_name(type) +
                     ", not IP");
    }
  }
  const auto say = [&](std::uint64_t count, const char* one, const char* many) {
    if (count > 0) said.push_back(counted(count, one, many));
  };
  say(report.tunnelled, "packet is in a tunnel: the innermost counts",
      "packets are in tunnels: the innermost count");
  say(report.unreadable, "packet is cut inside its headers, or damaged",
      "packets are cut inside their headers, or damaged");
  say(report.fragments, "packet is a later fragment, without ports",
      "packets are later fragments, without ports");
  say(report.not_followed, "packet belongs to a connection too many to follow",
      "packets belong to connections too many to follow");
}

void say_times(const streams::StreamReport& report, std::vector<std::string>& said) {
  if (report.set_back > 0) {
    said.push_back(fmt::format("the clock was set back {}: time goes on from there",
                               counted(report.set_back, "time", "times")));
  }
  if (report.gaps > 0) {
    said.push_back(
        fmt::format("{} of more than 20 hours skipped: a clock that was set, or nothing "
                    "was captured",
                    counted(report.gaps, "gap is", "gaps are")));
  }
}

}  // namespace

std::vector<std::string> describe_capture(const Books& books, const EndpointNames& names) {
  std::vector<std::string> said;
  say_roles(books, names, said);
  say_copies(books, said);
  say_times(books.streams->report, said);
  say_what_is_unread(books.streams->report, said);
  return said;
}

}  // namespace elblab::findings

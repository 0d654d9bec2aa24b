#include "live/hosts/kernel_counters.hpp"

#include <algorithm>
#include <charconv>

namespace elblab::live {
namespace {

using host::HostCounters;
using telemetry::Reason;
using File = KernelCounters::File;
using Total = std::uint64_t HostCounters::*;

constexpr std::size_t kLinkHeader = 14;  // Ethernet; what a veth counts of each packet besides

// Several figures of one counter add up. Names: Documentation/networking/snmp_counter.rst.
struct Figure {
  File file;
  std::string_view group;  // "Tcp"; empty in snmp6, whose names have it in front
  std::string_view name;
  Total counter;
  Reason reason = Reason::none;  // of dropped[], where counter is nullptr
};
constexpr std::array kFigures{
    Figure{File::snmp, "Tcp", "PassiveOpens", &HostCounters::connections_accepted},
    Figure{File::snmp, "Tcp", "RetransSegs", &HostCounters::retransmissions},
    Figure{File::snmp, "Tcp", "OutRsts", &HostCounters::resets_sent},
    Figure{File::snmp, "Tcp", "InCsumErrors", nullptr, Reason::bad_checksum},
    Figure{File::snmp, "Udp", "InDatagrams", &HostCounters::udp_received},
    Figure{File::snmp, "Udp", "OutDatagrams", &HostCounters::udp_sent},
    Figure{File::snmp, "Udp", "NoPorts", nullptr, Reason::port_closed},
    Figure{File::snmp, "Udp", "InCsumErrors", nullptr, Reason::bad_checksum},
    Figure{File::snmp, "Icmp", "OutDestUnreachs", &HostCounters::icmp_unreachable_sent},
    Figure{File::snmp, "Icmp", "OutRateLimitGlobal", &HostCounters::icmp_rate_limited},
    Figure{File::snmp, "Icmp", "OutRateLimitHost", &HostCounters::icmp_rate_limited},
    Figure{File::netstat, "TcpExt", "TCPChallengeACK", &HostCounters::challenge_acks},
    Figure{File::netstat, "TcpExt", "TCPSynRetrans", &HostCounters::syn_retransmissions},
    Figure{File::netstat, "TcpExt", "ListenOverflows", &HostCounters::listen_overflows},
    Figure{File::netstat, "TcpExt", "SyncookiesSent", &HostCounters::syncookies_sent},
    Figure{File::netstat, "TcpExt", "ListenDrops", nullptr, Reason::accept_queue_full},
    Figure{File::netstat, "TcpExt", "TCPReqQFullDrop", nullptr, Reason::syn_queue_full},
    Figure{File::netstat, "TcpExt", "PAWSActive", nullptr, Reason::paws_rejected},
    Figure{File::netstat, "TcpExt", "PAWSEstab", nullptr, Reason::paws_rejected},
    Figure{File::snmp6, "", "Udp6InDatagrams", &HostCounters::udp_received},
    Figure{File::snmp6, "", "Udp6OutDatagrams", &HostCounters::udp_sent},
    Figure{File::snmp6, "", "Udp6NoPorts", nullptr, Reason::port_closed},
    Figure{File::snmp6, "", "Udp6InCsumErrors", nullptr, Reason::bad_checksum},
    Figure{File::snmp6, "", "Icmp6OutDestUnreachs", &HostCounters::icmp_unreachable_sent},
    Figure{File::snmp6, "", "Icmp6OutRateLimitHost", &HostCounters::icmp_rate_limited},
};
constexpr std::size_t kCurrentEstablished = kFigures.size();  // a gauge, with a place of its own

// Takes the next line, or the next word of one, off the front.
std::string_view take(std::string_view& text, char end) {
  const std::size_t at = std::min(text.find(end), text.size());
  const std::string_view part = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return part;
}
std::string_view next_word(std::string_view& line) {
  const std::size_t from = std::min(line.find_first_not_of(" \t"), line.size());
  line.remove_prefix(from);
  const std::size_t to = std::min(line.find_first_of(" \t"), line.size());
  const std::string_view word = line.substr(0, to);
  line.remove_prefix(to);
  return word;
}

std::uint64_t number(std::string_view word) {
  std::uint64_t value = 0;
  std::from_chars(word.data(), word.data() + word.size(), value);
  return value;
}

// The figure of that name; kFigures.size() + 1: none of ours.
std::size_t find_figure(File file, std::string_view group, std::string_view name) {
  if (group == "Tcp" && name == "CurrEstab") return kCurrentEstablished;
  for (std::size_t i = 0; i < kFigures.size(); ++i) {
    if (kFigures[i].file == file && kFigures[i].group == group && kFigures[i].name == name) {
      return i;
    }
  }
  return kFigures.size() + 1;
}

std::uint64_t& counter_of(const Figure& figure, HostCounters& counters) {
  return figure.counter != nullptr ? counters.*figure.counter
                                   : counters.dropped[static_cast<std::size_t>(figure.reason)];
}

}  // namespace

Expected<void> KernelCounters::open(const NetworkNamespace& network, const std::string& device) {
  if (auto done = network.enter(); !done) return done;
  device_ = device;
  if (auto done = files_[0].open("snmp"); !done) return done;
  if (auto done = files_[1].open("netstat"); !done) return done;
  // A kernel without IPv6 does not have it.
  static_cast<void>(files_[2].open("snmp6"));
  if (auto done = device_file_.open("dev"); !done) return done;
  if (auto done = sockstat_.open("sockstat"); !done) return done;
  if (auto done = states_.open(); !done) return done;
  find_places();
  read_places([](Place& place, std::uint64_t value) { place.at_open = value; });
  device_at_open_ = read_device();
  return {};
}

// snmp and netstat have pairs of lines, names and numbers, each beginning with the group; pairs
// come and go (IcmpMsg). snmp6 has a name and its number on each line.
void KernelCounters::find_places() {
  places_.clear();
  for (std::size_t i = 0; i < kFiles; ++i) {
    const auto file = static_cast<File>(i);
    std::string_view text = files_[i].read();
    while (!text.empty()) {
      std::string_view line = take(text, '\n');
      const std::string_view first = next_word(line);
      if (file == File::snmp6) {
        const std::size_t figure = find_figure(file, "", first);
        if (figure < kFigures.size()) places_.push_back({file, kFigures[figure].name, 1, figure});
        continue;
      }
      const std::string_view group = first.substr(0, first.find(':'));
      std::size_t column = 1;
      for (auto name = next_word(line); !name.empty(); name = next_word(line), ++column) {
        const std::size_t figure = find_figure(file, group, name);
        if (figure == kCurrentEstablished) places_.push_back({file, "Tcp", column, figure});
        if (figure < kFigures.size()) {
          places_.push_back({file, kFigures[figure].group, column, figure});
        }
      }
      take(text, '\n');
    }
  }
}

template <typename Visit>
void KernelCounters::read_places(Visit&& visit) {
  auto place = places_.begin();
  for (std::size_t i = 0; i < kFiles; ++i) {
    const auto file = static_cast<File>(i);
    std::string_view text = files_[i].read();
    while (!text.empty()) {
      if (file != File::snmp6) take(text, '\n');  // the names
      std::string_view line = take(text, '\n');
      const std::string_view first = next_word(line);
      const std::string_view group = first.substr(0, first.find(':'));
      for (std::size_t column = 1;
           place != places_.end() && place->file == file && place->group == group; ++column) {
        const std::string_view word = next_word(line);
        if (place->column != column) continue;
        visit(*place, number(word));
        ++place;
      }
    }
  }
}

void KernelCounters::read_kernel(HostCounters& counters) {
  read_places([&](Place& place, std::uint64_t value) {
    if (place.figure == kCurrentEstablished) {
      current_established_ = value;
    } else {
      counter_of(kFigures[place.figure], counters) += value - place.at_open;
    }
  });
}

HostCounters KernelCounters::read_device() {
  HostCounters counters;
  std::string_view text = device_file_.read();
  while (!text.empty()) {
    std::string_view line = take(text, '\n');
    std::string_view name = take(line, ':');
    if (next_word(name) != device_) continue;
    // 8 columns received, then 8 sent: bytes, packets, errors, drops ...
    std::array<std::uint64_t, 16> columns{};
    for (std::uint64_t& column : columns) column = number(next_word(line));
    counters.packets_in = columns[1];
    counters.bytes_in = columns[0] - kLinkHeader * columns[1];
    counters.packets_out = columns[9];
    counters.bytes_out = columns[8] - kLinkHeader * columns[9];
  }
  return counters;
}

void KernelCounters::read_gauges(HostCounters& counters) {
  std::uint64_t time_waits = 0;
  std::string_view text = sockstat_.read();
  while (!text.empty()) {
    std::string_view line = take(text, '\n');
    if (next_word(line) != "TCP:") continue;
    for (auto word = next_word(line); !word.empty(); word = next_word(line)) {
      if (word == "tw") time_waits = number(next_word(line));
    }
  }
  SocketStates::Counts states;
  states_.count(states);
  const auto less = [](std::uint64_t a, std::uint64_t b) { return a > b ? a - b : 0; };
  counters.time_wait = less(time_waits, states.fin_wait_2_orphans);
  counters.established = less(current_established_, states.close_wait);
  counters.syn_received = states.syn_received;
  counters.accept_queue = states.accept_queue;
  counters.accept_queue_limit = states.listening ? states.backlog + 1 : 0;
  counters.open = current_established_ + states.syn_sent + states.syn_received + states.closing +
                  states.fin_wait_2;
}

const HostCounters& KernelCounters::sample(const SocketCounters& sockets,
                                           const HostCounters& wire) {
  counters_ = {};
  read_kernel(counters_);
  const HostCounters device = read_device();
  for (const Total total : {&HostCounters::packets_in, &HostCounters::packets_out,
                            &HostCounters::bytes_in, &HostCounters::bytes_out}) {
    counters_.*total = device.*total - device_at_open_.*total;
  }
  read_gauges(counters_);
  counters_.connections_opened = sockets.connections_opened;
  counters_.connections_established = sockets.connections_established;
  counters_.connections_failed = sockets.connections_failed;
  counters_.refused_locally = sockets.refused_locally;
  counters_.resets_received = wire.resets_received;
  counters_.time_wait_reused = wire.time_wait_reused;
  counters_.time_wait_refused = wire.time_wait_refused;
  return counters_;
}

}  // namespace elblab::live

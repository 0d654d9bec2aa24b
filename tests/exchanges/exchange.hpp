// A packet exchange with a host as a list of steps, in a text that people can read and cut down:
//
//   == name [v6]
//   peer P [port=40000] [hport=80] [win=64240] [iss=N] [auto=every delay=ms drop=3.7]
//   listen L port backlog | stop L | accept L | auto accept off | auto read off
//   connect P | udp host-port peer-port | send S bytes | read S | shutdown S | close S | abort S
//   seg P flags [seq=±n] [ack=±n] [una=n] [sack=a-b.c-d] [len=n] [win=n]
//   [opts=mss:1460,sack,ts,ws:7] icmperr type code P|- | icmp type code len=n | udpin source-port
//   host-port len=n wait ms | tail ms
//
// S is the number of a socket, in the order in which accept() and connect() gave them. Every step
// is followed by 3 ms in which host and peers may act, unless it says nd=1 ("no delay"). What a
// step means in detail: exchange_player.hpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace elblab::exchanges {

struct Step {
  std::string verb;
  std::vector<std::string> words;
  struct Option {
    std::string key;
    std::string value;
  };
  std::vector<Option> options;

  // nullptr: not given.
  const std::string* option(std::string_view key) const;
  bool has(std::string_view key) const { return option(key) != nullptr; }
  std::int64_t number(std::string_view key, std::int64_t otherwise) const;
  // The word at a position as a number; 0 when it is none.
  std::int64_t word_number(std::size_t index) const;
};

struct Exchange {
  std::string name;
  bool v6 = false;
  std::vector<Step> steps;
  std::string expected;  // lines "seconds text" (golden::parse_transcript); empty if it is no case
};

// Throws std::invalid_argument on a line that is none: exchanges are part of the program.
Step parse_step(std::string_view line);
// Empty lines and lines that begin with '#' are skipped.
std::vector<Exchange> parse_exchanges(std::string_view text);
std::string to_string(const Step& step);
std::string to_string(const Exchange& exchange);

}  // namespace elblab::exchanges

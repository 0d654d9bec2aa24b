// A capture, made by hand or from a file, and what is said about it.
#pragma once

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <string>

#include "pcap/findings/capture_diagnosis.hpp"
#include "tests/conversations/packets.hpp"
#include "tests/must.hpp"

namespace elblab::findings::test {

using pcap::testing::endpoint;
using pcap::testing::Packets;
namespace flag = net::tcp_flag;

class Diagnosed {
 public:
  explicit Diagnosed(const Packets& packets) : streams_(streams_of(packets)) { diagnose(); }
  explicit Diagnosed(const std::string& file) {
    const auto reader = must(pcap::Reader::open(file));
    streams_ = streams::read_streams(*reader);
    diagnose();
  }
  Diagnosed(const Diagnosed&) = delete;
  Diagnosed& operator=(const Diagnosed&) = delete;

  const streams::Streams& streams() const { return streams_; }
  const streams::Connection& connection(std::size_t index = 0) const {
    return streams_.list.at(index);
  }
  Handshake handshake(std::size_t index = 0) const {
    return streams::handshake_of(connection(index), books_.end());
  }
  Ending ending(std::size_t index = 0) const { return streams::ending_of(connection(index)); }
  const Books& books() const { return books_; }
  const diagnosis::Diagnosis& operator*() const { return diagnosis_; }
  const diagnosis::Diagnosis* operator->() const { return &diagnosis_; }

  bool found(const std::string& cause) const {
    return std::ranges::any_of(diagnosis_.found,
                               [&](const auto& finding) { return finding.cause == cause; });
  }
  bool cannot_tell(const std::string& subject) const {
    return std::ranges::any_of(diagnosis_.not_observable, [&](const auto& finding) {
      return finding.title.find(subject) != std::string::npos;
    });
  }
  std::string notes() const {
    std::string all;
    for (const auto& note : describe_capture(books_, {})) all += note + "\n";
    return all;
  }

 private:
  static streams::Streams streams_of(const Packets& packets) {
    streams::StreamTable table;
    for (const auto& packet : packets.list) table.add(packet.record());
    return table.finish();
  }
  void diagnose() {
    books_ = keep_books(streams_);
    diagnosis_ = diagnose_capture(books_, {});
  }

  streams::Streams streams_;
  Books books_;
  diagnosis::Diagnosis diagnosis_;
};

inline void check_nothing_wrong(const Diagnosed& capture) {
  BOOST_TEST(capture->nothing_wrong(), capture->verdict);
}

// One cause, and how sure.
inline void check_found(const Diagnosed& capture, const std::string& cause,
                        diagnosis::Confidence confidence) {
  BOOST_REQUIRE_MESSAGE(capture->found.size() == 1U, capture->verdict);
  BOOST_TEST(capture->found[0].cause == cause);
  BOOST_TEST((capture->found[0].confidence == confidence), capture->found[0].title);
}

inline bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

const net::Endpoint kServer = endpoint(200, 80);

// A whole connection of a client of its own, so that service `server` is known to work.
inline void healthy(Packets& packets, double at_ms, std::uint16_t port,
                    const net::Endpoint& server = kServer) {
  pcap::testing::short_connection(packets, at_ms, endpoint(1, port), server, 1000U + port,
                                  5000U + port);
}

// Packets have to be in the order of time.
inline void sort_by_time(Packets& packets) {
  std::ranges::stable_sort(packets.list, {}, &pcap::testing::Captured::at_ns);
}

}  // namespace elblab::findings::test

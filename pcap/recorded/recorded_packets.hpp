// The packets that a trace kept (docs/trace-schema.md, `packets`) as a capture of one place: what
// tcpdump would have seen there.
//
// Each row becomes an IP packet with the endpoints, flags, numbers, window, MSS and timestamps that
// were recorded, right checksums and its exact time. Not recorded, and so not there: the payload's
// bytes (zeros of the same length), window scale and SACK, time to live and identification. A
// payload beyond what an IP packet holds is cut to it.
//
// Packets come in the order of time, straight from a query: memory does not grow with their number.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "analysis/trace/reader.hpp"
#include "pcap/writer.hpp"

namespace elblab::pcap {

struct RecordedSelection {
  // Object whose packets are written: the balancer sees both sides of every connection, a host its
  // own. Packets that it dropped are those that it received.
  std::string place = "balancer";
  // Only those of the connection with this id in `connections`, whoever saw it.
  std::optional<std::uint64_t> connection;
  // Bytes of each packet that are written; its header says how long it was.
  std::uint32_t snap_length = 65'535;
};

struct RecordedCapture {
  std::uint64_t packets = 0;
  bool stopped = false;  // the flag was set
  std::string problem;   // the trace could not be read; the writer tells of its own
};

// `stop` may be null.
RecordedCapture write_recorded_packets(const trace::Reader& trace,
                                       const RecordedSelection& selection, Writer& writer,
                                       const std::atomic<bool>* stop);

}  // namespace elblab::pcap

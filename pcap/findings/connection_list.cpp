#include "pcap/findings/connection_list.hpp"

#include <fmt/format.h>

namespace elblab::findings {
namespace {

void append_side(std::string& text, const streams::StreamCounts& counts) {
  text += fmt::format(",{},{},{},{},{},{},{},{}", counts.packets, counts.bytes, counts.segments,
                      counts.retransmissions, counts.out_of_order, counts.captured_twice,
                      counts.keep_alives, counts.resets);
}

std::string heading() {
  std::string text =
      "protocol,client,server,begin_s,end_s,handshake,ending,failed,repeats,syns,syn_acks";
  for (const char* side : {"client", "server"}) {
    for (const char* count : {"packets", "bytes", "segments", "retransmissions", "out_of_order",
                              "captured_twice", "keep_alives", "resets"}) {
      text += fmt::format(",{}_{}", side, count);
    }
  }
  return text + ",questions,answers,longest_answer_s\n";
}

}  // namespace

std::string connections_as_csv(const Books& books) {
  std::vector<const Judged*> judged(books.streams->list.size(), nullptr);
  for (const Service& service : books.services) {
    for (const Judged& one : service.connections) judged[one.index] = &one;
  }
  std::string text = heading();
  for (std::size_t i = 0; i < judged.size(); ++i) {
    const Connection& c = books.streams->list[i];
    const bool tcp = c.is_tcp();
    const bool failed = judged[i] != nullptr && judged[i]->failed;
    const std::uint32_t before = books.hops.before[i];
    text += fmt::format("{},{},{},{:.6f},{:.6f},{},{},{},{},{},{}", tcp ? "tcp" : "udp",
                        c.client.to_string(), c.server.to_string(), to_seconds(c.begin),
                        to_seconds(c.last),
                        tcp ? streams::to_string(streams::handshake_of(c, books.end())) : "",
                        tcp ? streams::to_string(streams::ending_of(c)) : "", failed ? 1 : 0,
                        before == kNoHop ? "" : std::to_string(before + 1), c.syns, c.syn_acks);
    append_side(text, c.counts(Side::client));
    append_side(text, c.counts(Side::server));
    text +=
        fmt::format(",{},{},{:.6f}\n", c.questions, c.answers, to_seconds(c.longest_answer_time));
  }
  return text;
}

}  // namespace elblab::findings

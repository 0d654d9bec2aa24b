// Any bytes as a capture, down to its diagnosis, and as the two sides of another one: nothing is read
// outside, and what is counted adds up.
#include <algorithm>

#include "pcap/findings/between_findings.hpp"
#include "pcap/findings/capture_diagnosis.hpp"
#include "pcap/findings/connection_list.hpp"
#include "tests/fuzz/expect.hpp"
#include "tests/fuzz/memory_file.hpp"

namespace {

using namespace elblab;  // NOLINT: a program of its own
using fuzz::expect;

void check(const streams::Streams& streams, const findings::Books& books) {
  std::uint64_t judged = books.scanned;
  for (const findings::Service& service : books.services) judged += service.connections.size();
  expect(judged == streams.list.size(), "every connection belongs to a service, or to a scan");
  for (const streams::Connection& c : streams.list) {
    expect(c.begin.count() >= 0 && c.last >= c.begin, "a connection begins and lasts");
    expect(c.answers <= c.questions || !c.is_tcp(), "nobody answers more than was asked");
  }
  const diagnosis::Diagnosis diagnosis = findings::diagnose_capture(books, {});
  for (const diagnosis::Finding& finding : diagnosis.found) {
    expect(finding.explains >= 0 && finding.explains <= 1, "a share is one");
  }
  expect(!findings::connections_as_csv(books).empty(), "a list has a heading");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::MemoryFile file({data, size});
  const auto reader = pcap::Reader::open(file.path());
  if (!reader) return 0;
  const streams::Streams streams = streams::read_streams(**reader);
  const findings::Books books = findings::keep_books(streams);
  check(streams, books);
  const findings::TwoSides sides = findings::match_sides(books, books);
  findings::diagnose_between(sides, {});
  findings::describe_sides(sides);
  return 0;
}

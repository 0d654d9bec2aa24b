// Any bytes as QUIC datagrams: nothing is read beyond them; what a header says stands where RFC
// 9000 puts it; a service and a client's reset check take anything.
//
// Input: the length of IDs in short headers (one byte, modulo 21), then a datagram.
#include <algorithm>
#include <span>
#include <vector>

#include "models/net/bytes.hpp"
#include "models/net/quic_header.hpp"
#include "models/workload/quic_packet.hpp"
#include "models/workload/quic_service.hpp"
#include "tests/fuzz/expect.hpp"

namespace {

using namespace elblab;  // NOLINT: a program of its own
using fuzz::expect;
using Bytes = std::span<const std::uint8_t>;
namespace quic = workload::quic;

bool lies_in(Bytes part, Bytes whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void check_header(Bytes datagram, std::size_t id_bytes) {
  const auto header = net::parse_quic_header(datagram, id_bytes);
  if (!header) return;
  expect(lies_in(header->destination, datagram), "the destination ID lies in the datagram");
  expect(lies_in(header->source, datagram), "the source ID lies in the datagram");
  expect(header->is_long == ((datagram[0] & 0x80) != 0), "the first bit tells the form");
  if (header->is_long) {
    expect(header->version == net::load32(datagram.data() + 1), "the version stands behind it");
    expect(header->destination.size() == datagram[5], "an ID is as long as its length says");
    expect(header->source.size() == datagram[6 + header->destination.size()],
           "an ID is as long as its length says");
  } else {
    expect(header->destination.size() == id_bytes, "a short header's ID has the length of others");
    expect(header->source.empty(), "a short header has one ID");
  }
}

void check_initial(Bytes datagram) {
  const auto initial = quic::read_initial(datagram);
  if (!initial) return;
  expect(lies_in(initial->payload, datagram), "the payload lies in the datagram");
  const auto header = net::parse_quic_header(datagram, 0);
  expect(header && header->version == quic::kVersion1, "an Initial is of version 1");
  expect(std::ranges::equal(initial->destination.bytes(), header->destination),
         "its IDs are its own");
  expect(std::ranges::equal(initial->source.bytes(), header->source), "its IDs are its own");
}

void check_service(Bytes datagram, std::size_t id_bytes) {
  if (id_bytes == 0) return;
  workload::QuicService service(id_bytes, 1);
  std::vector<std::uint8_t> out(2000);
  const net::Endpoint from{net::IpAddress::v4(7), 7};
  if (const auto carried = service.read(datagram)) {
    expect(!carried->number, "nobody is known before anybody came");
    expect(lies_in(carried->payload, datagram), "the payload lies in the datagram");
  }
  const auto reset = service.reset_of(datagram, out);
  expect(reset.empty() || reset.size() < datagram.size(),
         "a reset is shorter than what it answers");
  const auto accepted = service.accept(datagram, from);
  if (!accepted) return;
  expect(datagram.size() >= quic::kInitialBytes, "a short Initial is not accepted");
  const Bytes answer = service.accepting(accepted->number, out);
  const auto given = quic::read_initial(answer);
  expect(given && given->source.bytes().size() == id_bytes, "the answer gives out an ID");
  std::vector<std::uint8_t> request(100);
  const auto size = quic::write_short_header(request, given->source, 1).size();
  const auto known = service.read(Bytes(request).first(size));
  expect(known && known->number == accepted->number, "a client is known by the ID it was given");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t id_bytes = data[0] % 21;
  const Bytes datagram(data + 1, size - 1);
  (void)quic::is_quic(datagram);
  check_header(datagram, id_bytes);
  check_initial(datagram);
  check_service(datagram, id_bytes);
  return 0;
}

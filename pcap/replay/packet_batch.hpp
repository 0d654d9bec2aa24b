// Packets taken out of a capture into memory of their own, a batch at a time, made fit for the
// engine:
//
// - A packet that the snap length cut is filled up with zeros to the length it claims, so that the
//   engine can work on its headers; what comes out is cut to the same number of bytes again. The
//   checksum of a cut ICMP message, which covers what is not there, is made right.
// - What a network card would have filled in after the capture (an IPv4 header checksum or total
//   length of 0) is filled in. TCP and UDP checksums are only ever updated, never looked at.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "models/net/packet_view.hpp"
#include "models/network/fabric.hpp"
#include "pcap/reader.hpp"

namespace elblab::replay {

class PacketBatch {
 public:
  static constexpr std::size_t kPackets = 32;

  struct Packet {
    std::int64_t at_ns = 0;         // the record's time
    std::span<std::uint8_t> bytes;  // as long as the packet claims to be
    std::size_t captured = 0;       // how many of them the capture held
    net::ParseError error{};
    net::PacketView view;            // of `bytes`, unless there was an error
    network::Fabric::Lookup lookup;  // filled in by who gives the packet to a fabric
  };
  // Of what was changed.
  struct Repairs {
    std::uint64_t filled_up = 0;  // cut by the snap length
    std::uint64_t offloaded = 0;  // header checksum or total length filled in
  };

  PacketBatch();
  bool full() const { return size_ == kPackets; }
  std::span<Packet> packets() { return {packets_.data(), size_}; }
  void clear();
  // One IP packet of a record; not when full().
  void add(const pcap::Record& record, std::span<const std::uint8_t> packet);
  const Repairs& repairs() const { return repairs_; }

 private:
  std::span<std::uint8_t> copy(std::span<const std::uint8_t> packet, bool cut);
  void repair_offload(std::span<std::uint8_t> packet);
  static void repair_icmp_checksum(net::PacketView& view);

  // Packets one after the other, so that few lines are touched; 2.1 MB, not zeroed before.
  std::unique_ptr<std::uint8_t[]> memory_;
  std::size_t used_ = 0;
  std::array<Packet, kPackets> packets_;
  std::size_t size_ = 0;
  Repairs repairs_;
};

}  // namespace elblab::replay

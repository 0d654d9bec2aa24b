// What goes into a fabric and what comes out of it, as two capture files in model time:
// <folder>/<name>.in.pcap holds every packet in the order in which it was worked on, before it was
// changed; <folder>/<name>.out.pcap every packet it sent. Replaying the first through the
// same balancer with the same seed gives the second (docs/replay.md).
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "pcap/writer.hpp"

namespace elblab::sim {

class BalancerCapture {
 public:
  // Error: of creating a file.
  static Expected<std::unique_ptr<BalancerCapture>> open(const std::filesystem::path& folder,
                                                         const std::string& name);

  void arrived(Instant at, std::span<const std::uint8_t> packet) { in_->write(at, packet); }
  void sent(Instant at, std::span<const std::uint8_t> packet) { out_->write(at, packet); }
  // The first error of writing.
  Expected<void> close();

 private:
  BalancerCapture(std::unique_ptr<pcap::Writer> in, std::unique_ptr<pcap::Writer> out)
      : in_(std::move(in)), out_(std::move(out)) {}

  std::unique_ptr<pcap::Writer> in_;
  std::unique_ptr<pcap::Writer> out_;
};

}  // namespace elblab::sim

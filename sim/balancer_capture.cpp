#include "sim/balancer_capture.hpp"

namespace elblab::sim {

std::optional<std::string> BalancerCapture::open(const std::filesystem::path& folder,
                                                 std::unique_ptr<BalancerCapture>& capture) {
  auto opened = std::make_unique<BalancerCapture>();
  if (auto error = pcap::Writer::open(folder / "balancer.in.pcap", opened->in_)) return error;
  if (auto error = pcap::Writer::open(folder / "balancer.out.pcap", opened->out_)) return error;
  capture = std::move(opened);
  return std::nullopt;
}

std::optional<std::string> BalancerCapture::close() {
  const std::optional<std::string> in = in_->close();
  const std::optional<std::string> out = out_->close();
  return in ? in : out;
}

}  // namespace elblab::sim

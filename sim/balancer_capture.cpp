#include "sim/balancer_capture.hpp"

namespace elblab::sim {

Expected<std::unique_ptr<BalancerCapture>> BalancerCapture::open(
    const std::filesystem::path& folder, const std::string& name) {
  auto in = pcap::Writer::open(folder / (name + ".in.pcap"));
  if (!in) return in.error();
  auto out = pcap::Writer::open(folder / (name + ".out.pcap"));
  if (!out) return out.error();
  return std::unique_ptr<BalancerCapture>(new BalancerCapture(std::move(*in), std::move(*out)));
}

Expected<void> BalancerCapture::close() {
  auto in = in_->close();
  auto out = out_->close();
  return in ? out : in;
}

}  // namespace elblab::sim

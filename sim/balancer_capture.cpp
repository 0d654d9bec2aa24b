#include "sim/balancer_capture.hpp"

namespace elblab::sim {

std::optional<std::string> BalancerCapture::open(const std::filesystem::path& folder,
                                                 const std::string& name,
                                                 std::unique_ptr<BalancerCapture>& capture) {
  auto opened = std::make_unique<BalancerCapture>();
  if (auto error = pcap::Writer::open(folder / (name + ".in.pcap"), opened->in_)) return error;
  if (auto error = pcap::Writer::open(folder / (name + ".out.pcap"), opened->out_)) return error;
  capture = std::move(opened);
  return std::nullopt;
}

std::optional<std::string> BalancerCapture::close() {
  const std::optional<std::string> in = in_->close();
  const std::optional<std::string> out = out_->close();
  return in ? in : out;
}

}  // namespace elblab::sim

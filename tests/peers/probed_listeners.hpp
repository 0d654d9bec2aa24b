// Servers that are probed over HTTP, and answer what the test says, byte by byte. They are
// listening sockets of the test.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "live/network/file_descriptor.hpp"
#include "tests/peers/probed_servers.hpp"

namespace elblab::peers {

struct RawAnswer {
  enum class Ending { close, reset, stay_open };
  std::vector<std::string> pieces;
  Ending ending = Ending::close;
};

class ProbedListeners final : public ProbedServers {
 public:
  // Numbered from 0, on ports of 127.0.0.1. Throws what the system refused.
  explicit ProbedListeners(std::size_t count);

  std::string endpoint(std::size_t server) const override;
  std::size_t next() override;
  // L7OK: 200, 202 or 401; L7STS: another code; L7RSP: no HTTP at all. In turns.
  void bring_about(std::size_t server, const std::string& result) override;
  // between: called after a piece; returns when the checker has had the time to read it.
  void answer(std::size_t server, const RawAnswer& answer, const std::function<void()>& between);

 private:
  std::vector<live::FileDescriptor> listening_;
  std::vector<live::FileDescriptor> held_;  // of each server: its probe, request read
  std::vector<std::size_t> turns_;          // of each server: answers given
};

}  // namespace elblab::peers

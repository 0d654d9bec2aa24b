// A client application and a service with one listener, on two hosts.
#pragma once

#include "tests/host/two_hosts.hpp"

namespace elblab::host::testing {

struct Scene {
  explicit Scene(TwoHosts::Options options = {}, int backlog = 4096)
      : world(std::move(options)), app(world.client()), service(world.server()) {
    listener = world.server().listen({{}, 80, backlog}, service, world.now()).value_or(0);
  }
  ConnectResult connect() {
    return world.client().connect({}, {world.server_address(), 80}, app, world.now());
  }
  TwoHosts world;
  Listener app;
  Listener service;
  ListenerId listener = 0;
};

}  // namespace elblab::host::testing

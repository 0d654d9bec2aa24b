// A run made by hand, with everything that the views show: 100 s, two clients, a balancer that
// takes source ports of its own, two servers weighted 2 : 1. From second 30 on client c1 has no
// free port any more: half of its requests fail. Of the first connection the packets were kept: its
// SYN got lost once, its answer was dropped once by the balancer.
#pragma once

#include <QTemporaryDir>
#include <filesystem>

namespace elblab::gui::test {

inline constexpr int kSeconds = 100;
inline constexpr int kPerSecond = 6;  // sessions, a third of them to app/b2
inline constexpr int kRefused = 70;   // connects of c1, one in each second from 30 s on
// Each session is seen by the client, the balancer and the server.
inline constexpr int kConnections = kSeconds * kPerSecond * 3 + kRefused;
inline constexpr int kPackets = 19;  // observations of the first connection

std::filesystem::path write_run(const QTemporaryDir& folder, const char* name = "run.db");
// A replay in which nothing happened: no hosts, no workloads, no connections.
std::filesystem::path write_empty_run(const QTemporaryDir& folder);

}  // namespace elblab::gui::test

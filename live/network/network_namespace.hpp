// A network namespace that the program made: it lives as long as the object, unless somebody else
// holds it too (a process in it, a descriptor).
//
// A named one is bound to a file of /run/netns as iproute2 does it, so that `ip netns exec <name>`
// works for people who look; see namespace_name.hpp and stale_namespaces.hpp. An unnamed one
// vanishes with the process, whatever way it ends. namespaces(7), network_namespaces(7).
//
// A thread is in one namespace at a time; sockets and devices belong to the one they were made in.
// enter() costs a system call only when the thread is elsewhere. Code that calls setns() or
// unshare(CLONE_NEWNET) itself must not be mixed with it in one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "live/network/file_descriptor.hpp"
#include "live/network/refused.hpp"

namespace elblab::live {

class NetworkNamespace {
 public:
  NetworkNamespace() = default;
  ~NetworkNamespace() { remove(); }
  NetworkNamespace(NetworkNamespace&& other) noexcept;
  NetworkNamespace& operator=(NetworkNamespace&& other) noexcept;

  // Named after this process and the host; see namespace_name(). Makes /run/netns when it is
  // missing. The thread stays where it was.
  static Expected<NetworkNamespace> make_named(std::string_view host);
  static Expected<NetworkNamespace> make_unnamed();

  bool exists() const { return descriptor_.open(); }
  const std::string& name() const { return name_; }  // in /run/netns; empty if unnamed
  int descriptor() const { return descriptor_.get(); }

  // The thread is in this namespace from now on.
  Expected<void> enter() const;

 private:
  void remove();

  FileDescriptor descriptor_;
  std::string name_;
  // Unlike a descriptor, never given twice.
  std::uint64_t id_ = 0;
};

// The thread goes back to the namespace that it started in.
Expected<void> enter_own_namespace();

// In the namespace for the length of a block, then back to where the thread was. The namespace
// left must outlive the scope.
class NamespaceScope {
 public:
  explicit NamespaceScope(const NetworkNamespace& entered);
  ~NamespaceScope();
  NamespaceScope(const NamespaceScope&) = delete;
  NamespaceScope& operator=(const NamespaceScope&) = delete;

  // Error: why the namespace could not be entered.
  const Expected<void>& entered() const { return entered_; }

 private:
  std::uint64_t left_id_;
  int left_descriptor_;
  Expected<void> entered_;
};

// Takes a file of /run/netns away: what is bound to it, then the file.
Expected<void> remove_named_namespace(const std::string& name);

}  // namespace elblab::live

#include "live/network/network_namespace.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <atomic>

#include "live/network/namespace_name.hpp"

namespace elblab::live {
namespace {

constexpr const char* kThreadNamespace = "/proc/thread-self/ns/net";
constexpr std::uint64_t kOwn = 0;  // id of the namespace that a thread started in

// Where a thread is, and where it came from.
struct ThreadPlace {
  std::uint64_t id = kOwn;
  int descriptor = -1;  // of the namespace it is in; that of `own` once known
  FileDescriptor own;
};
thread_local ThreadPlace place;

std::uint64_t next_id() {
  static std::atomic<std::uint64_t> last{kOwn};
  return ++last;
}

// The way back must be held before the thread goes anywhere.
Expected<void> remember_own() {
  if (place.own.open()) return {};
  place.own = FileDescriptor(open(kThreadNamespace, O_RDONLY | O_CLOEXEC));
  if (!place.own.open()) return refused("opening the thread's network namespace");
  place.descriptor = place.own.get();
  return {};
}

Expected<void> go_to(std::uint64_t id, int descriptor) {
  if (place.id == id) return {};
  if (auto done = remember_own(); !done) return done;
  if (setns(descriptor, CLONE_NEWNET) != 0) return refused("entering a network namespace");
  place.id = id;
  place.descriptor = descriptor;
  return {};
}

// /run/netns as a shared mount point, as iproute2 makes it: shells of `ip netns exec` have a mount
// namespace of their own, and would else hold every namespace bound at that time for good.
Expected<void> prepare_directory() {
  if (mkdir(kNamespaceDirectory, 0755) != 0 && errno != EEXIST) {
    return refused(std::string("making the directory ") + kNamespaceDirectory);
  }
  // One process at a time, or it would be bound over itself twice.
  const FileDescriptor lock(open(kNamespaceDirectory, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (lock.open()) flock(lock.get(), LOCK_EX);
  if (mount("", kNamespaceDirectory, "none", MS_SHARED | MS_REC, nullptr) == 0) return {};
  if (errno != EINVAL ||
      mount(kNamespaceDirectory, kNamespaceDirectory, "none", MS_BIND | MS_REC, nullptr) != 0 ||
      mount("", kNamespaceDirectory, "none", MS_SHARED | MS_REC, nullptr) != 0) {
    return refused(std::string("mounting ") + kNamespaceDirectory);
  }
  return {};
}

std::string path_of(const std::string& name) {
  return std::string(kNamespaceDirectory) + "/" + name;
}

// Binds the thread's namespace to a file of that name.
Expected<void> bind_to_name(const std::string& name) {
  const std::string path = path_of(name);
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0));
  if (!file.open()) return refused("making " + path);
  if (mount(kThreadNamespace, path.c_str(), "none", MS_BIND, nullptr) != 0) {
    auto failure = refused("binding a network namespace to " + path);
    unlink(path.c_str());
    return failure;
  }
  return {};
}

}  // namespace

NetworkNamespace::NetworkNamespace(NetworkNamespace&& other) noexcept
    : descriptor_(std::move(other.descriptor_)),
      name_(std::exchange(other.name_, {})),
      id_(std::exchange(other.id_, kOwn)) {}

NetworkNamespace& NetworkNamespace::operator=(NetworkNamespace&& other) noexcept {
  if (this != &other) {
    remove();
    descriptor_ = std::move(other.descriptor_);
    name_ = std::exchange(other.name_, {});
    id_ = std::exchange(other.id_, kOwn);
  }
  return *this;
}

Expected<NetworkNamespace> NetworkNamespace::make_unnamed() {
  if (auto done = remember_own(); !done) return done.error();
  if (unshare(CLONE_NEWNET) != 0) return refused("making a network namespace");
  NetworkNamespace made;
  made.descriptor_ = FileDescriptor(open(kThreadNamespace, O_RDONLY | O_CLOEXEC));
  made.id_ = next_id();
  Expected<void> opened;
  if (!made.descriptor_.open()) opened = refused("opening a network namespace");
  if (setns(place.descriptor, CLONE_NEWNET) != 0) return refused("leaving a network namespace");
  if (!opened) return opened.error();
  return made;
}

Expected<NetworkNamespace> NetworkNamespace::make_named(std::string_view host) {
  if (auto done = prepare_directory(); !done) return done.error();
  auto made = make_unnamed();
  if (!made) return made;
  const std::string name = namespace_name(this_process(), host);
  const NamespaceScope scope(*made);
  if (!scope.entered()) return scope.entered().error();
  if (auto done = bind_to_name(name); !done) return done.error();
  made->name_ = name;
  return made;
}

Expected<void> NetworkNamespace::enter() const { return go_to(id_, descriptor_.get()); }

void NetworkNamespace::remove() {
  if (!exists()) return;
  // A thread in it would keep it alive.
  if (place.id == id_) static_cast<void>(enter_own_namespace());
  // Nobody is left to hear of a failure; the next run finds what stays (stale_namespaces.hpp).
  if (!name_.empty()) static_cast<void>(remove_named_namespace(name_));
  name_.clear();
  descriptor_.reset();
}

Expected<void> enter_own_namespace() { return go_to(kOwn, place.own.get()); }

NamespaceScope::NamespaceScope(const NetworkNamespace& entered)
    : left_id_(place.id), left_descriptor_(place.descriptor), entered_(entered.enter()) {}

NamespaceScope::~NamespaceScope() {
  const int descriptor = left_id_ == kOwn ? place.own.get() : left_descriptor_;
  static_cast<void>(go_to(left_id_, descriptor));
}

Expected<void> remove_named_namespace(const std::string& name) {
  const std::string path = path_of(name);
  // EINVAL: nothing is bound to it. ENOENT: another run has just done the same. Detached, since
  // somebody may be looking at it.
  if (umount2(path.c_str(), MNT_DETACH) != 0 && errno != EINVAL && errno != ENOENT) {
    return refused("unmounting " + path);
  }
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return refused("removing " + path);
  return {};
}

}  // namespace elblab::live

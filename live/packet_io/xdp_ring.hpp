// One of the four rings that an AF_XDP socket shares with the kernel: one side puts in, the other
// takes out. Documentation/networking/af_xdp. The kernel is the other side.
#pragma once

#include <linux/if_xdp.h>
#include <sys/mman.h>

#include <atomic>
#include <cstdint>

namespace elblab::live {

// Entry: xdp_desc for packets, std::uint64_t for frames handed over.
template <typename Entry>
class XdpRing {
 public:
  XdpRing() = default;
  ~XdpRing() {
    if (memory_ != nullptr) munmap(memory_, bytes_);
  }
  XdpRing(const XdpRing&) = delete;
  XdpRing& operator=(const XdpRing&) = delete;

  // size: entries, a power of two; page: XDP_PGOFF_... or XDP_UMEM_PGOFF_... False: errno says why.
  bool map(int socket, const xdp_ring_offset& offsets, std::uint32_t size, std::uint64_t page) {
    bytes_ = offsets.desc + size * sizeof(Entry);
    void* memory = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, socket,
                        static_cast<off_t>(page));
    if (memory == MAP_FAILED) return false;
    memory_ = static_cast<std::uint8_t*>(memory);
    producer_ = reinterpret_cast<std::uint32_t*>(memory_ + offsets.producer);
    consumer_ = reinterpret_cast<std::uint32_t*>(memory_ + offsets.consumer);
    entries_ = reinterpret_cast<Entry*>(memory_ + offsets.desc);
    size_ = size;
    return true;
  }

  // The program puts in. Only while room() > 0; seen by the kernel after publish().
  std::uint32_t room() const { return size_ - (own_ - load(consumer_)); }
  void put(const Entry& entry) { entries_[own_++ & (size_ - 1)] = entry; }
  void publish() { store(producer_, own_); }
  // What the kernel has not yet taken of what was published.
  std::uint32_t untaken() const { return load(producer_) - load(consumer_); }

  // The program takes out. Only while waiting() > 0; the kernel may use the place after release().
  std::uint32_t waiting() const { return load(producer_) - own_; }
  const Entry& take() { return entries_[own_++ & (size_ - 1)]; }
  void release() { store(consumer_, own_); }

 private:
  static std::uint32_t load(std::uint32_t* index) {
    return std::atomic_ref(*index).load(std::memory_order_acquire);
  }
  static void store(std::uint32_t* index, std::uint32_t value) {
    std::atomic_ref(*index).store(value, std::memory_order_release);
  }

  std::uint8_t* memory_ = nullptr;
  std::size_t bytes_ = 0;
  std::uint32_t* producer_ = nullptr;
  std::uint32_t* consumer_ = nullptr;
  Entry* entries_ = nullptr;
  std::uint32_t size_ = 0;
  std::uint32_t own_ = 0;  // the program's side; counts on
};

}  // namespace elblab::live

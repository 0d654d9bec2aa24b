#include "live/packet_io/xdp_redirect.hpp"

#include <linux/bpf.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <sys/syscall.h>

#include <cstddef>
#include <cstdint>

namespace elblab::live {
namespace {

int bpf(bpf_cmd command, bpf_attr& attributes) {
  return static_cast<int>(syscall(SYS_bpf, command, &attributes, sizeof attributes));
}

std::uint64_t address_of(const void* pointer) {
  return static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(pointer));
}

// A map of one socket, for queue 0.
FileDescriptor make_map() {
  bpf_attr attributes{};
  attributes.map_type = BPF_MAP_TYPE_XSKMAP;
  attributes.key_size = sizeof(std::uint32_t);
  attributes.value_size = sizeof(std::uint32_t);
  attributes.max_entries = 1;
  return FileDescriptor(bpf(BPF_MAP_CREATE, attributes));
}

bool put_into_map(int map, int xdp_socket) {
  const std::uint32_t key = 0;
  const auto value = static_cast<std::uint32_t>(xdp_socket);
  bpf_attr attributes{};
  attributes.map_fd = static_cast<std::uint32_t>(map);
  attributes.key = address_of(&key);
  attributes.value = address_of(&value);
  return bpf(BPF_MAP_UPDATE_ELEM, attributes) == 0;
}

constexpr bpf_insn instruction(int code, std::uint8_t destination, std::uint8_t source,
                               std::int16_t offset, std::int32_t immediate) {
  return {.code = static_cast<std::uint8_t>(code),
          .dst_reg = static_cast<std::uint8_t>(destination & 0xF),
          .src_reg = static_cast<std::uint8_t>(source & 0xF),
          .off = offset,
          .imm = immediate};
}

// return bpf_redirect_map(map, context->rx_queue_index, XDP_PASS);
FileDescriptor load_program(int map) {
  const bpf_insn program[] = {
      instruction(BPF_LDX | BPF_MEM | BPF_W, BPF_REG_2, BPF_REG_1, offsetof(xdp_md, rx_queue_index),
                  0),
      instruction(BPF_LD | BPF_DW | BPF_IMM, BPF_REG_1, BPF_PSEUDO_MAP_FD, 0, map),
      instruction(0, 0, 0, 0, 0),
      instruction(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_3, 0, 0, XDP_PASS),
      instruction(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_redirect_map),
      instruction(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
  };
  bpf_attr attributes{};
  attributes.prog_type = BPF_PROG_TYPE_XDP;
  attributes.insns = address_of(program);
  attributes.insn_cnt = sizeof program / sizeof program[0];
  attributes.license = address_of("GPL");
  return FileDescriptor(bpf(BPF_PROG_LOAD, attributes));
}

FileDescriptor attach_program(int program, unsigned device_index) {
  bpf_attr attributes{};
  attributes.link_create.prog_fd = static_cast<std::uint32_t>(program);
  attributes.link_create.target_ifindex = device_index;
  attributes.link_create.attach_type = BPF_XDP;
  attributes.link_create.flags = XDP_FLAGS_DRV_MODE;
  return FileDescriptor(bpf(BPF_LINK_CREATE, attributes));
}

}  // namespace

Expected<void> XdpRedirect::attach(const std::string& device, int xdp_socket) {
  map_ = make_map();
  if (!map_.open() || !put_into_map(map_.get(), xdp_socket)) {
    return refused("making an XDP socket map for " + device);
  }
  program_ = load_program(map_.get());
  if (!program_.open()) return refused("loading the XDP program for " + device);
  link_ = attach_program(program_.get(), if_nametoindex(device.c_str()));
  if (!link_.open()) return refused("attaching the XDP program to " + device);
  return {};
}

}  // namespace elblab::live

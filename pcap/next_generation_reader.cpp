#include "pcap/next_generation_reader.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "pcap/grouped_digits.hpp"
#include "pcap/link_layer.hpp"

namespace elblab::pcap {
namespace {

constexpr std::uint32_t kSection = 0x0A0D0D0A;  // reads the same in either byte order
constexpr std::uint32_t kInterface = 1;
constexpr std::uint32_t kPlainPacket = 2;
constexpr std::uint32_t kSimplePacket = 3;
constexpr std::uint32_t kEnhancedPacket = 6;
constexpr std::uint32_t kByteOrder = 0x1A2B3C4D;

constexpr std::size_t kBlockHeader = 8;
constexpr std::size_t kBlockFrame = 12;  // with the length again at its end
constexpr std::size_t kSectionBody = 16;
constexpr std::size_t kInterfaceBody = 8;
constexpr std::size_t kPacketBody = 20;
constexpr std::size_t kSimpleBody = 4;

constexpr std::uint16_t kResolution = 9;
constexpr std::uint16_t kTimeOffset = 14;

bool is_packet(std::uint32_t type) {
  return type == kEnhancedPacket || type == kSimplePacket || type == kPlainPacket;
}

std::size_t padded(std::size_t length) { return (length + 3) / 4 * 4; }

}  // namespace

NextGenerationReader::NextGenerationReader(InputFile file) : window_(std::move(file)) { start(); }

Expected<std::unique_ptr<Reader>> NextGenerationReader::open(InputFile file) {
  const std::string path = file.path().string();
  std::unique_ptr<NextGenerationReader> reader(new NextGenerationReader(std::move(file)));
  if (!reader->report_.damage.empty() && reader->interfaces_.empty()) {
    return Error{path + ": " + reader->report_.damage +
                 "; copy it or capture again, or mend it with editcap"};
  }
  return reader;
}

void NextGenerationReader::start() {
  report_ = {};
  last_ns_ = std::numeric_limits<std::int64_t>::min();
  interfaces_.clear();
  link_types_.clear();
  find_packet();
}

std::uint16_t NextGenerationReader::half(std::size_t offset) const {
  const std::uint8_t* p = window_.at() + offset;
  return static_cast<std::uint16_t>(big_endian_ ? (p[0] << 8U) | p[1] : (p[1] << 8U) | p[0]);
}

std::uint32_t NextGenerationReader::word(std::size_t offset) const {
  const std::uint32_t first = half(offset);
  const std::uint32_t second = half(offset + 2);
  return big_endian_ ? (first << 16U) | second : (second << 16U) | first;
}

bool NextGenerationReader::next(Record& record) {
  while (find_packet() == Block::packet) {
    if (take_packet(record)) return true;
    if (!report_.damage.empty()) return false;
  }
  return false;
}

NextGenerationReader::Block NextGenerationReader::find_packet() {
  while (report_.damage.empty()) {
    if (!window_.fill(kBlockFrame)) {
      if (window_.at_hand() > 0 || window_.file().error() != 0)
        stop("it ends inside a block's header");
      return Block::end;
    }
    const std::uint32_t type = word(0);
    if (type == kSection) {
      if (!take_section()) return Block::end;
      continue;
    }
    const std::uint32_t length = word(4);
    if (length < kBlockFrame || length % 4 != 0) {
      stop("a block claims " + grouped_digits(length) + " bytes");
      return Block::end;
    }
    if (is_packet(type)) {
      block_length_ = length;
      return Block::packet;
    }
    if (!take_other(type, length)) return Block::end;
  }
  return Block::end;
}

bool NextGenerationReader::take_other(std::uint32_t type, std::uint32_t length) {
  if (type == kInterface) return take_interface(length);
  return skip(length) || stop("it ends inside a block of " + grouped_digits(length) + " bytes");
}

bool NextGenerationReader::take_section() {
  if (!window_.fill(kBlockFrame + kSectionBody)) return stop("it ends inside a section header");
  big_endian_ = false;
  if (word(kBlockHeader) != kByteOrder) big_endian_ = true;
  if (word(kBlockHeader) != kByteOrder) return stop("a section header has no byte order");
  const std::uint32_t length = word(4);
  if (length < kBlockFrame + kSectionBody || length % 4 != 0) {
    return stop("a section header claims " + grouped_digits(length) + " bytes");
  }
  interfaces_.clear();
  return skip(length) || stop("it ends inside a section header");
}

bool NextGenerationReader::take_interface(std::uint32_t length) {
  if (length < kBlockFrame + kInterfaceBody) return stop("an interface lacks its link type");
  if (interfaces_.size() == kMostInterfaces) return stop("it has too many interfaces");
  if (length > FileWindow::kSize)
    return stop("an interface claims " + grouped_digits(length) + " bytes");
  if (!window_.fill(length)) return stop("it ends inside the description of an interface");
  Interface interface;
  interface.link_type = half(kBlockHeader);
  interface.snap_length = word(kBlockHeader + 4);
  std::size_t at = kBlockHeader + kInterfaceBody;
  const std::size_t end = length - 4;
  while (at + 4 <= end) {
    const std::uint16_t code = half(at);
    const std::size_t size = half(at + 2);
    if (code == 0 || at + 4 + size > end) break;
    read_option(code, window_.at() + at + 4, size, interface);
    at += 4 + padded(size);
  }
  interfaces_.push_back(interface);
  if (std::ranges::find(link_types_, interface.link_type) == link_types_.end()) {
    link_types_.push_back(interface.link_type);
  }
  window_.drop(length);
  return true;
}

void NextGenerationReader::read_option(std::uint16_t code, const std::uint8_t* value,
                                       std::size_t length, Interface& interface) const {
  if (code == kResolution && length >= 1) {
    const bool binary = (value[0] & 0x80U) != 0;
    const unsigned power = value[0] & 0x7FU;
    std::uint64_t units = 1;
    const unsigned most = binary ? 63 : 19;  // what 64 bits hold
    for (unsigned i = 0; i < std::min(power, most); ++i) units *= binary ? 2 : 10;
    interface.units_per_second = units;
  }
  if (code == kTimeOffset && length >= 8) {
    std::uint64_t offset = 0;
    for (std::size_t i = 0; i < 8; ++i) {
      offset = (offset << 8U) | value[big_endian_ ? i : 7 - i];
    }
    interface.offset_s = static_cast<std::int64_t>(offset);
  }
}

// The packet block at hand. False: it is damaged.
bool NextGenerationReader::take_packet(Record& record) {
  const std::uint32_t type = word(0);
  const std::size_t body = type == kSimplePacket ? kSimpleBody : kPacketBody;
  const std::string claim = "a packet block claims " + grouped_digits(block_length_) + " bytes";
  if (block_length_ > FileWindow::kSize || block_length_ < kBlockFrame + body) return stop(claim);
  if (!window_.fill(block_length_)) return stop("it ends inside a packet block");
  const std::size_t index = type == kEnhancedPacket ? word(kBlockHeader)
                            : type == kPlainPacket  ? half(kBlockHeader)
                                                    : 0;
  if (index >= interfaces_.size()) {
    return stop("a packet is of interface " + grouped_digits(index) + ", which is not described");
  }
  const Interface& interface = interfaces_[index];
  const std::size_t room = block_length_ - kBlockFrame - body;
  std::size_t captured = 0;
  if (type == kSimplePacket) {
    record.original_length = word(kBlockHeader);
    captured = std::min<std::size_t>(record.original_length, room);
    if (interface.snap_length > 0) {
      captured = std::min<std::size_t>(captured, interface.snap_length);
    }
    record.at_ns = std::max<std::int64_t>(last_ns_, 0);  // it has no time: that of the one before
  } else {
    captured = word(kBlockHeader + 12);
    record.original_length = word(kBlockHeader + 16);
    const std::uint64_t units =
        (std::uint64_t{word(kBlockHeader + 4)} << 32U) | word(kBlockHeader + 8);
    record.at_ns = time_of(interface, units);
  }
  if (captured > room || captured > kLargestRecord) {
    return stop("a packet claims " + grouped_digits(captured) + " bytes in a block of " +
                grouped_digits(block_length_));
  }
  record.bytes = {window_.at() + kBlockHeader + body, captured};
  record.link_type = interface.link_type;
  window_.drop(block_length_);
  ++report_.records;
  report_.bytes += captured;
  report_.cut_by_snap_length += captured < record.original_length;
  report_.time_went_back += record.at_ns < last_ns_;
  last_ns_ = record.at_ns;
  return true;
}

std::int64_t NextGenerationReader::time_of(const Interface& interface, std::uint64_t units) const {
  __extension__ using Wide = __int128;
  constexpr Wide kSecond = 1'000'000'000;
  const Wide whole = Wide{units / interface.units_per_second};
  const Wide rest = Wide{units % interface.units_per_second};
  const Wide at = (whole + interface.offset_s) * kSecond +
                  rest * kSecond / static_cast<Wide>(interface.units_per_second);
  return static_cast<std::int64_t>(std::clamp<Wide>(at, 0, kLatest));
}

bool NextGenerationReader::skip(std::uint64_t count) {
  while (count > 0) {
    if (window_.at_hand() == 0 && !window_.fill(1)) return false;
    const auto step = static_cast<std::size_t>(std::min<std::uint64_t>(count, window_.at_hand()));
    window_.drop(step);
    count -= step;
  }
  return true;
}

bool NextGenerationReader::stop(std::string why) {
  const std::uint64_t position = window_.position();
  report_.damage = "cannot be read behind record " + grouped_digits(report_.records) + " at byte " +
                   grouped_digits(position) + ": " + why;
  if (window_.file().error() != 0) {
    report_.damage += std::string(": reading failed: ") + std::strerror(window_.file().error());
  }
  report_.bytes_unread = window_.bytes_left();
  return false;
}

std::string NextGenerationReader::format() const {
  std::string text = "pcapng";
  for (const std::uint16_t link : link_types_) text += ", " + link_type_name(link);
  if (interfaces_.size() > 1) {
    text += ", " + grouped_digits(interfaces_.size()) + " interfaces";
  }
  return text;
}

Expected<void> NextGenerationReader::rewind() {
  auto rewound = window_.rewind();
  if (rewound) start();
  return rewound;
}

}  // namespace elblab::pcap

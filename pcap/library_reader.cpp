#include "pcap/library_reader.hpp"

#include <pcap/pcap.h>
#include <stdio.h>  // NOLINT(modernize-deprecated-headers): fopencookie

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>
#include <utility>

#include "pcap/grouped_digits.hpp"
#include "pcap/link_layer.hpp"

namespace elblab::pcap {
namespace {

ssize_t read_input(void* cookie, char* into, size_t size) {
  auto& file = *static_cast<InputFile*>(cookie);
  const std::size_t count = file.read({reinterpret_cast<std::uint8_t*>(into), size});
  return count == 0 && file.error() != 0 ? -1 : static_cast<ssize_t>(count);
}

// Only for ftello(): asks where reading is, goes nowhere.
int tell_input(void* cookie, off64_t* offset, int whence) {
  if (whence != SEEK_CUR || *offset != 0) return -1;
  *offset = static_cast<off64_t>(static_cast<InputFile*>(cookie)->position());
  return 0;
}

// A stream over the input file, which it does not own: libpcap takes nothing but streams, and of a
// pipe the first bytes have been looked at already.
std::FILE* stream_over(InputFile& file) {
  return ::fopencookie(
      &file, "r", {.read = read_input, .write = nullptr, .seek = tell_input, .close = nullptr});
}

// DLT numbers are LINKTYPE numbers for every link type open_frame() knows but raw IP.
std::uint16_t link_type_of(pcap_t* capture) {
  const int number = pcap_datalink(capture);
  return number == DLT_RAW ? link_type::raw : static_cast<std::uint16_t>(number);
}

std::int64_t epoch_ns(const timeval& time) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  const std::int64_t seconds = std::clamp<std::int64_t>(time.tv_sec, 0, kLatest / kSecond);
  const std::int64_t nanoseconds = std::clamp<std::int64_t>(time.tv_usec, 0, kLatest);
  return std::min(seconds * kSecond + nanoseconds, kLatest);
}

}  // namespace

struct LibraryReader::Library {
  pcap_t* capture = nullptr;
  std::uint16_t link_type = 0;

  Library() = default;
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  ~Library() { close(); }
  void close() {
    if (capture != nullptr) pcap_close(capture);  // and its stream
    capture = nullptr;
  }
};

LibraryReader::LibraryReader(InputFile file)
    : file_(std::move(file)), library_(std::make_unique<Library>()) {}

LibraryReader::~LibraryReader() = default;

Expected<std::unique_ptr<Reader>> LibraryReader::open(InputFile file) {
  std::unique_ptr<LibraryReader> reader(new LibraryReader(std::move(file)));
  if (auto started = reader->start(); !started) return started.error();
  return reader;
}

Expected<void> LibraryReader::start() {
  report_ = {};
  last_ns_ = std::numeric_limits<std::int64_t>::min();
  std::array<char, PCAP_ERRBUF_SIZE> error{};
  std::FILE* stream = stream_over(file_);
  if (stream == nullptr) return Error{file_.path().string() + ": out of memory"};
  library_->capture =
      pcap_fopen_offline_with_tstamp_precision(stream, PCAP_TSTAMP_PRECISION_NANO, error.data());
  if (library_->capture == nullptr) {
    std::fclose(stream);
    return Error{file_.path().string() + ": libpcap cannot read it: " + error.data() +
                 "; look at it with capinfos, mend it with editcap or capture again"};
  }
  library_->link_type = link_type_of(library_->capture);
  position_ = static_cast<std::uint64_t>(ftello(stream));
  return {};
}

bool LibraryReader::next(Record& record) {
  if (!report_.damage.empty()) return false;
  pcap_pkthdr* header = nullptr;
  const std::uint8_t* bytes = nullptr;
  const int result = pcap_next_ex(library_->capture, &header, &bytes);
  if (result == PCAP_ERROR_BREAK) return false;
  if (result != 1) return stop();
  record.at_ns = epoch_ns(header->ts);
  record.bytes = {bytes, header->caplen};
  record.original_length = header->len;
  record.link_type = library_->link_type;
  position_ = static_cast<std::uint64_t>(ftello(pcap_file(library_->capture)));
  ++report_.records;
  report_.bytes += header->caplen;
  report_.cut_by_snap_length += header->caplen < header->len;
  report_.time_went_back += record.at_ns < last_ns_;
  last_ns_ = record.at_ns;
  return true;
}

bool LibraryReader::stop() {
  const std::string_view error = pcap_geterr(library_->capture);
  report_.damage = "cannot be read behind record " + grouped_digits(report_.records) + " at byte " +
                   grouped_digits(position_) + ": " + std::string(error);
  report_.bytes_unread = file_.position() + file_.bytes_left() - position_;
  return false;
}

std::string LibraryReader::format() const {
  return "pcap through libpcap, " + link_type_name(library_->link_type);
}

Expected<void> LibraryReader::rewind() {
  if (auto rewound = file_.rewind(); !rewound) return rewound;
  library_->close();
  return start();
}

}  // namespace elblab::pcap

// Reads older and modified pcap through libpcap, times in nanoseconds.
#pragma once

#include <memory>

#include "pcap/input_file.hpp"
#include "pcap/reader.hpp"

namespace elblab::pcap {

class LibraryReader final : public Reader {
 public:
  // Nothing is read from `file` yet. Error: as Reader::open().
  static Expected<std::unique_ptr<Reader>> open(InputFile file);
  ~LibraryReader() override;

  bool next(Record& record) override;
  const ReadReport& report() const override { return report_; }
  std::string format() const override;
  Expected<void> rewind() override;

 private:
  struct Library;  // keeps <pcap/pcap.h> out of here

  explicit LibraryReader(InputFile file);
  Expected<void> start();
  bool stop();

  InputFile file_;
  std::unique_ptr<Library> library_;
  std::uint64_t position_ = 0;  // behind the last record
  std::int64_t last_ns_ = 0;
  ReadReport report_;
};

}  // namespace elblab::pcap

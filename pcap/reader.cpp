#include "pcap/reader.hpp"

#include <utility>

#include "pcap/classic_reader.hpp"
#include "pcap/file_format.hpp"
#include "pcap/grouped_digits.hpp"
#include "pcap/input_file.hpp"
#include "pcap/library_reader.hpp"
#include "pcap/next_generation_reader.hpp"

namespace elblab::pcap {

Expected<std::unique_ptr<Reader>> Reader::open(const std::filesystem::path& path) {
  auto file = InputFile::open(path);
  if (!file) return file.error();
  switch (format_of(file->head())) {
    case FileFormat::classic:
      return std::make_unique<ClassicReader>(std::move(*file));
    case FileFormat::next_generation:
      return NextGenerationReader::open(std::move(*file));
    case FileFormat::library:
      return LibraryReader::open(std::move(*file));
    case FileFormat::foreign:
      break;
  }
  return Error{file->path().string() + ": " + describe_foreign(file->head())};
}

std::string damage_message(const std::filesystem::path& path, const ReadReport& report) {
  if (report.damage.empty()) return {};
  const std::string used =
      report.records == 0 ? "no record could be used"
                          : "used the " + grouped_digits(report.records) +
                                (report.records == 1 ? " record before it" : " records before it");
  return (path == "-" ? "standard input" : path.string()) + ": " + report.damage + "; " + used +
         ", left " + grouped_digits(report.bytes_unread) +
         " bytes: copy the file again, capture again, or go on with what there is";
}

}  // namespace elblab::pcap

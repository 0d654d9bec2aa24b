#include "pcap/file_window.hpp"

#include <cstring>
#include <utility>

#include "models/contract/require.hpp"

namespace elblab::pcap {

FileWindow::FileWindow(InputFile file)
    : file_(std::move(file)),
      buffer_(std::make_unique_for_overwrite<std::uint8_t[]>(kSize)),
      at_(buffer_.get()),
      end_(buffer_.get()) {}

bool FileWindow::fill(std::size_t wanted) {
  ELBLAB_REQUIRE(wanted <= kSize, "what is wanted has room in the window");
  std::size_t have = at_hand();
  if (have >= wanted) return true;
  std::memmove(buffer_.get(), at_, have);
  have += file_.read({buffer_.get() + have, kSize - have});
  at_ = buffer_.get();
  end_ = at_ + have;
  return have >= wanted;
}

Expected<void> FileWindow::rewind() {
  auto rewound = file_.rewind();
  if (rewound) at_ = end_ = buffer_.get();
  return rewound;
}

}  // namespace elblab::pcap

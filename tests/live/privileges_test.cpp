// check_privileges() with each of the capabilities taken away.
#include "live/network/privileges.hpp"

#include <grp.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "live/network/file_descriptor.hpp"
#include "tests/live/needs_privileges.hpp"

namespace elblab::live {
namespace {

void drop_capability(unsigned capability) {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  __user_cap_data_struct data[2]{};
  if (syscall(SYS_capget, &header, data) != 0) _exit(1);
  const std::uint32_t kept = ~(1u << (capability % 32));
  data[capability / 32].effective &= kept;
  data[capability / 32].permitted &= kept;
  if (syscall(SYS_capset, &header, data) != 0) _exit(1);
}

void become_nobody() {
  constexpr uid_t kNobody = 65534;
  if (setgroups(0, nullptr) != 0 || setgid(kNobody) != 0 || setuid(kNobody) != 0) _exit(1);
}

// What check_privileges() says in a child process that first gave something up; "" when it may run.
template <typename Drop>
std::string said_after(Drop drop) {
  int channel[2];
  BOOST_REQUIRE(pipe(channel) == 0);
  const FileDescriptor input(channel[0]);
  FileDescriptor output(channel[1]);
  const pid_t child = fork();
  BOOST_REQUIRE(child >= 0);
  if (child == 0) {
    drop();
    const std::string said = message_of(check_privileges());
    _exit(write(output.get(), said.data(), said.size()) == static_cast<ssize_t>(said.size()) ? 0
                                                                                             : 1);
  }
  output.reset();
  std::string said;
  char part[512];
  for (ssize_t size = 0; (size = read(input.get(), part, sizeof part)) > 0;) {
    said.append(part, static_cast<std::size_t>(size));
  }
  int status = 0;
  waitpid(child, &status, 0);
  BOOST_TEST(status == 0);
  return said;
}

void says(const std::string& said, const char* what) {
  BOOST_TEST(said.find(what) != std::string::npos, said << " lacks " << what);
}

BOOST_AUTO_TEST_SUITE(privileges)

BOOST_AUTO_TEST_CASE(with_all_of_them_nothing_is_refused) {
  BOOST_TEST(said_after([] {}) == "");
}

BOOST_AUTO_TEST_CASE(an_ordinary_user_is_told_what_is_missing_and_what_to_do) {
  const std::string said = said_after(become_nobody);
  says(said, "CAP_SYS_ADMIN, CAP_NET_ADMIN and CAP_NET_RAW");
  says(said, "sudo");
}

BOOST_AUTO_TEST_CASE(each_missing_capability_is_noticed) {
  says(said_after([] { drop_capability(CAP_SYS_ADMIN); }), "Operation not permitted");
  says(said_after([] { drop_capability(CAP_NET_ADMIN); }), "bringing up lo");
  says(said_after([] { drop_capability(CAP_NET_RAW); }), "opening a packet socket");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::live

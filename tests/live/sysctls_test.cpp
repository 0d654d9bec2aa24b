// A model's settings in a namespace, read back from the kernel.
#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "live/network/host_sysctls.hpp"
#include "live/network/proc_sys.hpp"
#include "tests/live/needs_privileges.hpp"

namespace elblab::live {
namespace {

// Another value than the default, which every kernel accepts.
std::int64_t other_value(const host::SysctlEntry& entry, std::int64_t present) {
  if (entry.high == 1) return 1 - present;
  if (entry.name == "net.ipv4.ip_local_port_range.low") return 20000;
  if (entry.name == "net.ipv4.ip_local_port_range.high") return 30000;
  // Times in ms are kept in ticks of the kernel's clock: a step that is a whole number of them.
  if (entry.name.ends_with("_ratelimit")) return present + 100;
  return present == entry.low ? present + 1 : present - 1;
}

// Every setting that the kernel has, away from the model's default.
host::Sysctls all_changed(const NetworkNamespace& of) {
  host::Sysctls values;
  const SysctlReport report = must(apply_sysctls(of, values));
  for (const host::SysctlEntry& entry : host::sysctl_table()) {
    const bool missing =
        std::find(report.missing.begin(), report.missing.end(), entry.name) != report.missing.end();
    if (!missing) values.*entry.member = other_value(entry, values.*entry.member);
  }
  return values;
}

BOOST_AUTO_TEST_SUITE(sysctls)

BOOST_AUTO_TEST_CASE(the_models_defaults_are_written_and_read_back) {
  const NetworkNamespace host = must(NetworkNamespace::make_unnamed());
  must(apply_sysctls(host, host::Sysctls{}));
  const host::Sysctls seen = must(read_sysctls(host));
  for (const host::SysctlEntry& entry : host::sysctl_table()) {
    BOOST_TEST((seen.*entry.member) == (host::Sysctls{}.*entry.member), entry.name);
  }
}

// What the language allows, Linux takes: a scenario that loads does not fail for a figure.
BOOST_AUTO_TEST_CASE(a_kernel_takes_both_ends_of_the_range_of_every_setting) {
  for (const bool highest : {false, true}) {
    const NetworkNamespace host = must(NetworkNamespace::make_unnamed());
    const SysctlReport report = must(apply_sysctls(host, host::Sysctls{}));
    host::Sysctls wanted;
    for (const host::SysctlEntry& entry : host::sysctl_table()) {
      const auto& missing = report.missing;
      if (std::find(missing.begin(), missing.end(), entry.name) != missing.end()) continue;
      wanted.*entry.member = highest ? entry.high : entry.low;
    }
    must(apply_sysctls(host, wanted));
  }
}

BOOST_AUTO_TEST_CASE(every_setting_reaches_its_namespace_and_no_other) {
  const NetworkNamespace changed = must(NetworkNamespace::make_unnamed());
  const NetworkNamespace untouched = must(NetworkNamespace::make_unnamed());
  const host::Sysctls before = must(read_sysctls(untouched));
  const host::Sysctls wanted = all_changed(changed);
  must(apply_sysctls(changed, wanted));
  const host::Sysctls seen = must(read_sysctls(changed));
  const host::Sysctls after = must(read_sysctls(untouched));
  for (const host::SysctlEntry& entry : host::sysctl_table()) {
    BOOST_TEST((seen.*entry.member) == (wanted.*entry.member), entry.name);
    BOOST_TEST((after.*entry.member) == (before.*entry.member), entry.name);
  }
}

BOOST_AUTO_TEST_CASE(what_stands_already_is_not_written_again) {
  const NetworkNamespace host = must(NetworkNamespace::make_unnamed());
  host::Sysctls wanted;
  wanted.ip_local_port_range_low = 40000;
  wanted.tcp_fin_timeout = 5;
  BOOST_TEST(must(apply_sysctls(host, wanted)).written >= 2u);
  BOOST_TEST(must(apply_sysctls(host, wanted)).written == 0u);
}

BOOST_AUTO_TEST_CASE(a_file_of_several_values_keeps_those_the_model_does_not_name) {
  const NetworkNamespace host = must(NetworkNamespace::make_unnamed());
  const NamespaceScope scope(host);
  must(write_proc_sys("net/ipv4/tcp_rmem", "5000 6000 7000"));
  host::Sysctls wanted;
  wanted.tcp_rmem_default = 65536;
  wanted.tcp_rmem_max = 100000;
  must(apply_sysctls(host, wanted));
  BOOST_TEST(must(read_proc_sys("net/ipv4/tcp_rmem")) == "5000\t65536\t100000");
}

BOOST_AUTO_TEST_CASE(a_value_that_the_kernel_refuses_is_named) {
  const NetworkNamespace host = must(NetworkNamespace::make_unnamed());
  host::Sysctls wanted;
  wanted.ip_local_port_range_low = 50000;
  wanted.ip_local_port_range_high = 40000;
  BOOST_TEST(message_of(apply_sysctls(host, wanted)) ==
             "writing 50000 40000 to /proc/sys/net/ipv4/ip_local_port_range: Invalid argument");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::live

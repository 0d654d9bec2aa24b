// Sees to it that programs of the user leave nothing running behind. prctl(2)
// PR_SET_CHILD_SUBREAPER.
#pragma once

namespace elblab::live {

// While it lives, processes whose parents have ended become children of this one instead of
// init's; its end kills those that are left. (A daemon started in a shell would keep the shell's
// namespace alive.) The caller has no other children then.
class DescendantGuard {
 public:
  DescendantGuard();
  ~DescendantGuard();
  DescendantGuard(const DescendantGuard&) = delete;
  DescendantGuard& operator=(const DescendantGuard&) = delete;
};

}  // namespace elblab::live

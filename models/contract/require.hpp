// What a caller must keep to, said so that the program checks it.
//
//   ELBLAB_REQUIRE(size_ > 0, "there is a timer to take");
//
// A false condition is a fault in this program, not in what it was given: there is nothing to
// recover, so the place, the condition and the text go to standard error and the program stops
// (SIGABRT). What comes from outside (files, packets, command lines) is refused with a message
// instead, never by this.
//
// Builds have the checks unless they are configured with -DELBLAB_CHECKS=OFF, as the preset `bench`
// is; then a condition is compiled but not evaluated, and costs nothing. So a condition has no
// effects of its own.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace elblab::contract {

#ifdef ELBLAB_CHECKS
inline constexpr bool kChecked = true;
#else
inline constexpr bool kChecked = false;
#endif

[[noreturn, gnu::cold, gnu::noinline]] inline void violated(const char* file, int line,
                                                            const char* condition,
                                                            const char* text) noexcept {
  std::fprintf(stderr, "%s:%d: violated: %s (%s)\n", file, line, text, condition);
  std::abort();
}

}  // namespace elblab::contract

// A macro, so that the condition costs nothing where it is not checked, and can be quoted.
#ifdef ELBLAB_CHECKS
#define ELBLAB_REQUIRE(condition, text) \
  (static_cast<bool>(condition)         \
       ? void(0)                        \
       : ::elblab::contract::violated(__FILE__, __LINE__, #condition, text))
#else
#define ELBLAB_REQUIRE(condition, text) static_cast<void>(sizeof(static_cast<bool>(condition)))
#endif

#!/bin/sh
# Runs ccache so that it caches precompiled headers and what is compiled with them.
#
#   scripts/ccache.sh ccache <compiler...>
#
# ccache takes them only when it is told that their pitfalls are known: a changed macro or __TIME__ in
# a precompiled header would go unseen. A header that is precompiled anew must not find its old self:
# ccache would hash that as an input, and no two build folders would share a result again.
CCACHE_SLOPPINESS=pch_defines,time_macros
export CCACHE_SLOPPINESS
for argument in "$@"; do
  case $argument in
    *.gch) rm -f "$argument" ;;
  esac
done
exec "$@"

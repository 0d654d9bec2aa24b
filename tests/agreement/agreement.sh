#!/bin/sh
# Simulation and reality, held against each other: agreement.sh <elblab> <scenarios> <folder> [<n>]
# Of the scenarios with a live section, in the order of their paths, every <n>-th (1: all of them).
# 0: they agree. 77: this machine does not let us make network namespaces; it says why.
set -u
elblab=$1 scenarios=$2 folder=$3 every=${4:-1}
rm -rf "$folder" && mkdir -p "$folder" || exit 1

# Of a failure CI shows some lines: what differs must be among them, not how the runs went.
# shellcheck disable=SC2046  # paths of scenarios hold no blanks
"$elblab" agree $(grep -rl '^live:' "$scenarios" --include='*.elb.yaml' | sort | awk "NR % $every == 0") \
    --quiet --out "$folder/traces" \
    --markdown "$folder/agreement.md" --junit "$folder/agreement.xml"
code=$?
# Refused at the door, before anything ran: there is no table.
[ $code -eq 4 ] && [ ! -e "$folder/agreement.md" ] && exit 77
exit $code

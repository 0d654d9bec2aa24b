#!/bin/sh
# Simulation and reality, held against each other: agreement.sh <elblab> <scenarios> <folder>
# 0: they agree. 77: this machine does not let us make network namespaces; it says why.
set -u
elblab=$1 scenarios=$2 folder=$3
rm -rf "$folder" && mkdir -p "$folder" || exit 1

# Of a failure CI shows some lines: what differs must be among them, not how the runs went.
"$elblab" agree "$scenarios" --quiet --out "$folder/traces" \
    --markdown "$folder/agreement.md" --junit "$folder/agreement.xml"
code=$?
# Refused at the door, before anything ran: there is no table.
[ $code -eq 4 ] && [ ! -e "$folder/agreement.md" ] && exit 77
exit $code

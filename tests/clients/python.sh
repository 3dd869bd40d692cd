#!/bin/sh
# Makes a Python client from the contract with openapi-python-client and reads a village's feed with it.
#
# Usage: python.sh CONTRACT BASE VILLAGE. Prints the titles of the feed, one a line. Needs openapi-python-client in the PATH, and httpx and attrs
# beside python3; ends with 77 where they are not there.
set -eu
command -v openapi-python-client >/dev/null && python3 -c 'import attrs, httpx' 2>/dev/null \
  || { echo "openapi-python-client, httpx or attrs is not installed" >&2; exit 77; }
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf 'project_name_override: dorf-client\npackage_name_override: dorf_client\npost_hooks: []\n' > "$work/config.yaml"
cp "$here/read_feed.py" "$work/"
openapi-python-client generate --path "$1" --config "$work/config.yaml" --meta none --output-path "$work/dorf_client" >&2
cd "$work"
python3 read_feed.py "$2" "$3"

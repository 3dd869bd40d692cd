#!/bin/sh
# Makes a TypeScript client from the contract, checks its types as strictly as tsc can, and reads a village's feed with it.
#
# Usage: typescript.sh CONTRACT BASE VILLAGE. Prints the titles of the feed, one a line. Needs openapi-typescript, openapi-fetch,
# typescript 5 (openapi-typescript cannot work with 7), tsx and @types/node below the folder NODE_PATH; ends with 77 where they are not
# there.
set -eu
modules=${NODE_PATH:-}
for tool in openapi-typescript tsc tsx; do
  [ -x "$modules/.bin/$tool" ] || { echo "$tool is not installed below NODE_PATH" >&2; exit 77; }
done
for library in openapi-fetch @types/node; do
  [ -d "$modules/$library" ] || { echo "$library is not installed below NODE_PATH" >&2; exit 77; }
done
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ln -s "$modules" "$work/node_modules"
echo '{"type": "module"}' > "$work/package.json"
cp "$here/read_feed.ts" "$work/"
"$modules/.bin/openapi-typescript" "$1" -o "$work/contract.d.ts" >&2
cd "$work"
"$modules/.bin/tsc" --noEmit --strict --exactOptionalPropertyTypes --noUncheckedIndexedAccess --skipLibCheck \
  --target es2022 --module nodenext --moduleResolution nodenext read_feed.ts >&2
"$modules/.bin/tsx" read_feed.ts "$2" "$3"

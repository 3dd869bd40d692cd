#!/bin/sh
# Makes the models of a Kotlin client from the contract with openapi-generator, compiles them all, and reads a village's feed with them.
#
# Usage: kotlin.sh CONTRACT BASE VILLAGE. Prints the titles of the feed, one a line. Needs openapi-generator-cli, kotlinc, java, curl and
# Gson (its jar in GSON_JAR, or where Debian has it); ends with 77 where they are not there.
set -eu
gson=${GSON_JAR:-/usr/share/java/gson.jar}
for tool in openapi-generator-cli kotlinc java curl; do
  command -v "$tool" >/dev/null || { echo "$tool is not installed" >&2; exit 77; }
done
[ -f "$gson" ] || { echo "Gson is not installed" >&2; exit 77; }
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
openapi-generator-cli generate -i "$1" -g kotlin -o "$work/client" \
  --global-property models,modelDocs=false,modelTests=false \
  --additional-properties=serializationLibrary=gson,dateLibrary=string >&2
# The generator writes for a newer library than the compiler that Debian has.
if kotlinc -version 2>&1 | grep -q 'kotlinc-jvm 1[.][0-8]'; then
  find "$work/client/src" -name '*.kt' -exec sed -i 's/ entries\.firstOrNull/ values().firstOrNull/; s/\.lowercase()/.toLowerCase()/g' {} +
fi
kotlinc "$work/client/src" "$here/ReadFeed.kt" -cp "$gson" -include-runtime -nowarn -d "$work/client.jar" >&2
cursor=""
while :; do
  curl -sf "$2/v1/villages/$3/feed?limit=2${cursor:+&cursor=$cursor}" > "$work/page.json"
  java -cp "$work/client.jar:$gson" ReadFeedKt "$work/page.json" "$work/next"
  cursor=$(cat "$work/next")
  [ -n "$cursor" ] || break
done

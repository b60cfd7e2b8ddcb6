#!/bin/sh
# Install haproxy and PgBouncer, Debian's packages, where they are missing. Nothing is started.
set -eu
missing=""
for program in haproxy pgbouncer; do
    PATH="$PATH:/usr/sbin" command -v "$program" >/dev/null || missing="$missing $program"
done
[ -n "$missing" ] || exit 0
if ! command -v apt-get >/dev/null; then
    echo "install$missing first: this system has no apt-get" >&2
    exit 1
fi
as_root=""
[ "$(id -u)" = 0 ] || as_root=sudo
# The packages would start both with example settings.
echo "installing$missing" >&2
$as_root apt-get update -q >&2
# shellcheck disable=SC2086 - one word for each package
$as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -q --no-install-recommends $missing >&2

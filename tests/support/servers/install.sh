#!/bin/sh
# Install programs by Debian's packages, where they are missing: install.sh haproxy pgbouncer. Nothing is started.
set -eu
missing=""
for program in "$@"; do
    PATH="$PATH:/usr/sbin" command -v "$program" >/dev/null || missing="$missing $program"
done
[ -n "$missing" ] || exit 0
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo -n"
if ! command -v apt-get >/dev/null || ! $as_root true 2>/dev/null; then
    echo "install$missing first: this script needs apt-get, and root or sudo without a password" >&2
    exit 1
fi
# Without a font, Chromium shows no text.
case "$missing" in *chromium*) missing="$missing fonts-dejavu-core" ;; esac
# haproxy and PgBouncer would start with example settings.
echo "installing$missing" >&2
$as_root apt-get -o Acquire::Retries=3 update -q >&2
# shellcheck disable=SC2086 - one word for each package
$as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -o Acquire::Retries=3 install -y -q --no-install-recommends $missing >&2

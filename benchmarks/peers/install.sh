#!/bin/sh
# Install the client and the other servers, each in its own folder, into .installed.
# `install.sh client` installs only the client. Uses pip and npm, and apt if wrk or node is missing.
set -eu
cd "$(dirname "$0")"
into="$PWD/.installed"
python="${PYTHON:-python3}"
mkdir -p "$into"

by_apt() {
    command -v "$1" >/dev/null 2>&1 && return
    echo "installing $2" >&2
    if [ "$(id -u)" = 0 ]; then apt-get install -y -q "$2" >&2; else sudo apt-get install -y -q "$2" >&2; fi
}

# A stamp contains the requested version, so that another version is installed again.
once() {
    name="$1" wanted="$2"
    shift 2
    [ "$(cat "$into/$name.stamp" 2>/dev/null)" = "$wanted" ] && return
    echo "installing $wanted" >&2
    rm -rf "${into:?}/$name"
    "$@" "$into/$name" "$wanted" >&2
    echo "$wanted" > "$into/$name.stamp"
}

in_a_venv() {
    "$python" -m venv "$1"
    # shellcheck disable=SC2086 - several requirements
    "$1/bin/pip" install --quiet --disable-pip-version-check $2
}

by_npm() {
    mkdir -p "$1"
    # shellcheck disable=SC2086 - several packages
    (cd "$1" && npm init -y >/dev/null && npm install --silent --no-audit --no-fund $2)
}

by_apt wrk wrk
[ "${1:-}" = client ] && exit
by_apt node nodejs
by_apt npm npm
once scim2_server "scim2-server==0.8.3 granian==2.8.*" in_a_venv
once django_scim2 "django-scim2==0.23.0 gunicorn==23.* psycopg[binary]==3.*" in_a_venv
once scimmy "scimmy-routers@1.3 scimmy@1.3 express@4" by_npm

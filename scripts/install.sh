#!/usr/bin/env bash
# Installs what the demo (or, with "test", the tests) needs and this machine lacks. Asks nothing; says what it does.
# Usage: scripts/install.sh demo|test
set -euo pipefail

purpose=${1:-demo}
node_major_least=20
postgres_major_least=15

say() { printf '%s\n' "$*" >&2; }
has() { command -v "$1" >/dev/null 2>&1; }

# The folder of PostgreSQL's server programs, newest first; Debian keeps them out of PATH.
postgres_programs() {
    if has postgres; then dirname "$(readlink -f "$(command -v postgres)")"; fi
    ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV || true
}
has_postgres() {
    local folder
    while read -r folder; do
        if [[ -x $folder/postgres && -x $folder/initdb ]]; then return 0; fi
    done < <(postgres_programs)
    return 1
}
postgres_major() {
    local folder
    while read -r folder; do
        if [[ -x $folder/postgres && -x $folder/initdb ]]; then
            "$folder/postgres" --version | grep -oE '[0-9]+' | head -n 1
        fi
    done < <(postgres_programs) | sort -rn | head -n 1
}
has_libpq() {
    [[ -e /usr/include/postgresql/libpq-fe.h ]] || { has pg_config && [[ -e "$(pg_config --includedir)/libpq-fe.h" ]]; }
}
has_chinese_font() {
    compgen -G '/usr/share/fonts/*/noto/NotoSansCJK*' >/dev/null || { has fc-list && [[ -n "$(fc-list :lang=zh-cn 2>/dev/null)" ]]; }
}
has_chromium() { has chromium || has chromium-browser || has google-chrome; }

packages=()
services=()
has_postgres || { packages+=(postgresql); services+=(postgresql); }
has psql || packages+=(postgresql-client)
has_libpq || packages+=(libpq-dev)
has redis-server || has valkey-server || { packages+=(redis-server); services+=(redis-server); }
has cc || packages+=(build-essential)
has_chinese_font || packages+=(fonts-noto-cjk)
if [[ $purpose == test ]]; then has_chromium || packages+=(chromium); fi

# Installing a server on Debian also starts it. We run servers of our own, so for the time of the installation the official switch for
# this, policy-rc.d, says no; an administrator's own policy-rc.d is left alone. Where systemd runs, the services that came new with the
# packages are also kept from starting at the next boot. Services that were there before are never touched.
install_packages() {
    local policy=/usr/sbin/policy-rc.d
    local -a as_root=("$@")
    local made_policy=no
    if [[ ! -e $policy ]]; then
        printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
        "${as_root[@]}" chmod 755 "$policy"
        made_policy=yes
    fi
    local outcome=0
    { "${as_root[@]}" apt-get -o DPkg::Lock::Timeout=300 update &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y \
            --no-install-recommends "${packages[@]}"; } >&2 || outcome=$?
    if [[ $made_policy == yes ]]; then "${as_root[@]}" rm -f "$policy"; fi
    if [[ $outcome == 0 && -d /run/systemd/system && ${#services[@]} -gt 0 ]]; then
        "${as_root[@]}" systemctl disable "${services[@]}" >&2 || say "could not disable ${services[*]}; they will start at the next boot"
    fi
    return "$outcome"
}

if [[ ${#packages[@]} -gt 0 ]]; then
    command_line="apt-get update && apt-get install -y --no-install-recommends ${packages[*]}"
    say "missing on this machine: ${packages[*]}"
    if ! has apt-get; then
        say "This script knows Debian and Ubuntu only. Please install what corresponds to these packages, then run make again."
        exit 1
    elif [[ $(id -u) == 0 ]]; then
        install_packages env || { say "The installation failed; see above."; exit 1; }
    elif has sudo && sudo -n true 2>/dev/null; then
        install_packages sudo -n || { say "The installation failed; see above."; exit 1; }
    else
        say "Please run this once as root, then run make again:"
        say "    sudo sh -c '$command_line'"
        exit 1
    fi
fi

problems=0
problem() { say "$*"; problems=1; }

if ! has cargo; then
    problem "cargo is missing. Install Rust with https://rustup.rs (the version needed is in Cargo.toml), then open a new shell."
fi
if ! has node || ! has npm; then
    problem "Node.js $node_major_least or newer with npm is missing. Install it from https://nodejs.org, or with your package manager."
elif [[ $(node -p 'process.versions.node.split(".")[0]') -lt $node_major_least ]]; then
    problem "Node.js $(node --version) is too old; version $node_major_least or newer is needed."
fi
major=$(postgres_major)
if [[ ${major:-0} -lt $postgres_major_least ]]; then
    problem "PostgreSQL ${major:-(none found)} is too old; $postgres_major_least or newer is needed. Debian 12 and Ubuntu 24.04 have it;" \
        "on older systems: sudo apt-get install -y postgresql-common && sudo /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y" \
        "&& sudo apt-get install -y postgresql-16"
fi
exit "$problems"

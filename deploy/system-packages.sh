#!/bin/sh
# Installs Debian packages whose command is missing, if it may: system-packages.sh command=package...
# A word without "=" is a package that is wanted in any case. Without the right to install it says what to do.
set -eu

wanted=""
for pair in "$@"; do
    command=${pair%%=*}
    if [ "$command" = "$pair" ] || ! command -v "$command" >/dev/null 2>&1; then
        wanted="$wanted ${pair#*=}"
    fi
done
[ -n "$wanted" ] || exit 0

if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing$wanted"
    export DEBIAN_FRONTEND=noninteractive
    if apt-get update -qq && apt-get install -y -qq --no-install-recommends $wanted >/dev/null; then
        exit 0
    fi
    echo "could not install$wanted" >&2
else
    echo "missing, install them with: sudo apt-get install$wanted" >&2
fi
# only what setup itself needs is an error here; tests say for themselves what they lack
case " $* " in *=*) exit 0 ;; *) exit 1 ;; esac

# What every finding shares: a temporary folder that goes away, pinned packages, and a comparison that can fail.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# npm_packages NAME@VERSION …
npm_packages() {
  printf '{"private":true,"type":"module"}\n' > package.json
  npm install --silent --no-audit --no-fund --ignore-scripts --save-exact "$@" >&2
}

# python_packages NAME==VERSION …
python_packages() {
  python3 -m venv venv
  venv/bin/pip install --quiet --disable-pip-version-check "$@" >&2
}

# age_program VERSION: Debian's package, unpacked and not installed.
age_program() {
  apt-get download -qq age >&2
  case $(dpkg-deb --field age_*.deb Version) in
    "$1"-*) ;;
    *) echo "this Debian has another version of age than $1" >&2; exit 1 ;;
  esac
  dpkg -x age_*.deb age
  PATH="$work/age/usr/bin:$PATH"
}

# seen FILE: compares what the program printed with standard input.
seen() {
  cat > expected
  echo
  cat "$1"
  if ! diff expected "$1" >&2; then
    echo "changed: the behaviour is no longer what this finding says" >&2
    exit 1
  fi
  echo "as found"
}

#!/bin/sh
# The weave command, at /usr/local/bin/weave.
. ../bootstrap/begin.sh
. ./set-in.sh
: "${weave_file:=}" "${weave_url:=}" "${weave_sha256:=}" "${weave_version:=}"

target=$root/usr/local/bin/weave
version_in() { set_in SCRIPT_VERSION "$1"; }

if [ -e "$target" ] && [ ! -x "$target" ]; then
  fail 7 "/usr/local/bin/weave is there and may not be run; take it away, or make it executable"
elif have weave; then
  say "the weave command is there: $(version_in "$(command -v weave)")"
else
  new=$target.ferry-new
  mkdir -p "${target%/*}"
  if [ -n "$weave_file" ]; then
    [ -f "$weave_file" ] || fail 5 "the weave command that was to be copied here is not there"
    cp "$weave_file" "$new" || fail 5 "/usr/local/bin cannot be written"
    from="the file of the operator"
  else
    download "$weave_url" "$new"
    from=$weave_url
  fi
  trap 'rm -f "$new"' EXIT
  sum=$(sha256_of "$new")
  if [ -n "$weave_sha256" ] && [ "$sum" != "$weave_sha256" ]; then
    fail 5 "$from is not what it should be: its sha256 is $sum, and $weave_sha256 was asked for"
  fi
  if [ "$(head -n 1 "$new" | cut -c 1-2)" != '#!' ] || [ -z "$(version_in "$new")" ]; then
    fail 5 "$from is no weave command"
  fi
  if [ -n "$weave_version" ] && [ "$(version_in "$new")" != "$weave_version" ]; then
    fail 5 "$from is of version $(version_in "$new"), and $weave_version was asked for"
  fi
  { chmod 755 "$new" && mv -f "$new" "$target"; } || fail 5 "/usr/local/bin/weave cannot be written"
  if have restorecon; then restorecon "$target"; fi
  say "the weave command of version $(version_in "$target") was put there; its sha256 is $sum"
fi
drop_copied "$weave_file"

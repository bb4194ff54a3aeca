# Part of the target's side: its conversation with the source, by descriptors 7 and 8, which "$session"
# carries, and what holds when that breaks off.
hear() { # an answer of the source that begins with $1
  IFS= read -r answer <&8 || { reason="the connection to the source was lost"; lost=yes; answer=; return 1; }
  case $answer in
    "$1"*) return 0 ;;
    "no "*) reason="on the source: ${answer#no }" ;;
    *) reason="the source said '$answer'" ;;
  esac
  return 1
}
ask() { printf '%s\n' "$1" >&7 2>/dev/null; hear "$2"; }

# Whoever has ended the conversation waits for this.
gone() { [ -e gone ] || ssh -F config ferry-source left </dev/null >/dev/null 2>&1 6>&- && : >gone; }
# Without the source's word nothing of it may run here: who serves there again cannot tell what goes on here. It looks where the
# cutover itself does not listen, and goes on until the cutover has come to its end.
guard() {
  exec 6>&- 7>&- 8>&-
  while [ -e "/proc/$session/exe" ]; do sleep 0.1; done
  : >severed
  while [ ! -e result ] && [ -d "/proc/$$" ]; do
    docker kill "$container" >/dev/null 2>&1
    # One that is only being started is the cutover's own to stop.
    [ ! -s pid ] || ! stands || gone
    sleep 0.1
  done
}
unguard() {
  kill -KILL "$guard" 2>/dev/null
  wait "$guard" 2>/dev/null
}

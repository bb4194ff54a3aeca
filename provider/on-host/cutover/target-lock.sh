# Part of the target's side: the file "$lock_file" is its own from here on, as descriptor 6.
# Whoever held it before takes it away at its end: what has no name any more keeps nobody out. It is root's alone: who may
# read a file may hold a lock on it.
mask=$(umask)
umask 077
until
  exec 6>"$lock_file"
  flock -n 6 || { printf 'kind back\nstep fence\nreason another cutover of it still runs\n' >result; exit 0; }
  [ "$lock_file" -ef /proc/self/fd/6 ]
do :; done
umask "$mask"

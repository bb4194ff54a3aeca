# Part of the source's side: the file "$lock_file", which is descriptor 8 from here on, has who talks.
# Held while a word is being done, and not while the next one is waited for: a caller without power never says it.
# Who may read a file may hold a lock on it: this one is root's alone.
mask=$(umask)
umask 077
exec 8>>"$lock_file" || exit 1
umask "$mask"
born() { cut -d' ' -f22 "/proc/$1/stat" 2>/dev/null; }
# So that somebody else can end the conversation, and wait for what the target says to that.
echo "$$ $(born $$) $here" >"$lock_file"

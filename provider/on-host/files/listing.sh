# One word for all that is in $1/content: another byte, mode, owner or name makes it another one.
sum_of() (
  cd "$1" || exit 1
  {
    find content -printf '%y %m %U %G %s %p\0' && find content -type f -exec sha256sum -z -- {} +
  } | LC_ALL=C sort -z | sha256sum
)

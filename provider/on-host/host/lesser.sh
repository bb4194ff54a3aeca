# Whether program $1 is not there, or is busybox's or toybox's.
is_lesser() {
  case $(readlink -f "$(command -v "$1" 2>/dev/null)" 2>/dev/null) in
    */busybox* | */toybox* | '') return 0 ;;
    *) return 1 ;;
  esac
}

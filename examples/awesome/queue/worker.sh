#!/bin/sh
# Takes numbers from the list `jobs`, and notes in `done` what each one is squared and in `by` how
# many this worker did.
me=$(head -c 4 /dev/urandom | od -An -tx1 | tr -d ' ')
while :; do
  job=$(redis-cli -h redis blpop jobs 5 | tail -n 1)
  case $job in
    '' | *[!0-9]*) sleep 1 ;;
    *)
      redis-cli -h redis hset done "$job" "$((job * job))"
      redis-cli -h redis hincrby by "$me" 1
      sleep 0.1
      ;;
  esac
done >/dev/null 2>&1

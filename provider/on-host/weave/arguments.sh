# Part: $1 seconds; $2: names of secret variables, whose values come by standard input, a line each. The
# rest stays in $@.
limit=$1
for name in $2; do
  IFS= read -r value || exit 2
  export "$name=$value"
done
shift 2

# Part: prints what runs of Weave's, or is there for it to run, a line each.
names=$(docker ps -a --format '{{.Names}}') || exit 1
echo "$names" | grep -E '^(weave|weavedb|weaveplugin|weaveproxy|weavevolumes-.*)$'
for link in weave datapath; do
  if [ -d "/sys/class/net/$link" ]; then echo "the link $link"; fi
done

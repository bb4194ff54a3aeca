/**
 * What runs on the host: constant POSIX scripts, so that nothing of the user's is ever read by a
 * shell as code. The scripts that take a secret get it by standard input; the others are sent by
 * it.
 */

import { SPEAK_DOCKERS_API } from "../../core/weave/docker-api";

/** sudo and sshd often leave these out, and weave is usually in the first. */
export const PATH_LINE = `PATH="$PATH:/usr/local/bin:/usr/local/sbin:/usr/sbin:/sbin"; export PATH\n`;

/**
 * $1: seconds; $2: names of secret variables, whose values come by standard input, a line each. The
 * rest stays in $@.
 */
const READ_ARGUMENTS = `limit=$1
for name in $2; do
  IFS= read -r value || exit 2
  export "$name=$value"
done
shift 2`;

/** Exit code of a command that `timeout` ended. */
export const TIMED_OUT = 124;

/**
 * $1 and $2 as READ_ARGUMENTS has them; then NAME=VALUE words and the command. SIGKILL follows 10 s
 * later, so that a command that hangs does not outlive its caller for long.
 */
export const RUN = `${PATH_LINE}${SPEAK_DOCKERS_API}${READ_ARGUMENTS}
exec timeout -k 10 "$limit" env "$@" </dev/null
`;

/**
 * As RUN, for a command that may block for ever in a helper container: that container carries a
 * label by which it is removed, whichever way this script ends.
 */
export const RUN_AND_CLEAN = `${PATH_LINE}${SPEAK_DOCKERS_API}limit=$1
shift 2
label="pulumi-ferry.helper=$$-$(date +%s)"
clean() {
  ids=$(docker ps -aq --filter "label=$label")
  if [ -n "$ids" ]; then docker rm -f $ids >/dev/null 2>&1; fi
}
trap clean EXIT
trap 'exit 143' HUP INT TERM
WEAVEEXEC_DOCKER_ARGS="--label $label\${WEAVEEXEC_DOCKER_ARGS:+ $WEAVEEXEC_DOCKER_ARGS}"
export WEAVEEXEC_DOCKER_ARGS
timeout -k 5 "$limit" env "$@" </dev/null
`;

/** What a relaunch calls the router that it takes the place of, until the new one answers. */
const FORMER = "pulumi-ferry-former-weave";

/** The former router of a relaunch that was cut off: it is only needed while no other one runs. */
const STATE = `state() { docker inspect --type container -f '{{.State.Status}}' "$1" 2>/dev/null; }
`;

/** As RUN, for a launch: what is left of a relaunch that was cut off goes first. */
export const LAUNCH = `${PATH_LINE}${SPEAK_DOCKERS_API}${READ_ARGUMENTS}
${STATE}
if [ -n "$(state ${FORMER})" ]; then docker rm -f ${FORMER} >/dev/null 2>&1; fi
exec timeout -k 10 "$limit" env "$@" </dev/null
`;

/** Exit code of RELAUNCH when the former router runs again. */
export const TAKEN_BACK = 45;
/** In front of the last words of the router that did not start. */
export const LOG_MARK = "--- its log";

/**
 * As RUN, for \`weave launch\`: stops the router and launches another one, and goes on to the end
 * when its caller goes away. The former one's container is kept aside until the new one answers.
 * Should that not happen, it is started again.
 */
export const RELAUNCH = `${PATH_LINE}${SPEAK_DOCKERS_API}trap '' HUP PIPE
${READ_ARGUMENTS}
# The same environment and command stop the former router.
for word; do
  case $word in *=*) export "$word" ;; *) command=$word; break ;; esac
done
${STATE}
if [ -n "$(state ${FORMER})" ]; then
  if [ "$(state weave)" = running ]; then docker rm -f ${FORMER} >/dev/null
  else
    docker rm -f weave >/dev/null 2>&1
    docker rename ${FORMER} weave && docker update --restart=always weave >/dev/null
  fi
fi
# Neither may write to a caller that has gone: it would fail half way.
said=$(mktemp /run/pulumi-ferry-relaunch.XXXXXXXX) || exit 1
trap 'rm -f "$said"' EXIT
timeout -k 10 60 "$command" stop </dev/null >"$said" 2>&1
code=$?
if [ "$code" != 0 ]; then cat "$said"; exit "$code"; fi
if [ -n "$(state weave)" ]; then
  policy=$(docker inspect --type container -f '{{.HostConfig.RestartPolicy.Name}}' weave)
  docker update --restart=no weave >/dev/null && docker rename weave ${FORMER} || exit
fi
timeout -k 10 "$limit" env "$@" </dev/null >"$said" 2>&1
code=$?
if [ "$code" = 0 ]; then
  if [ -n "$(state ${FORMER})" ]; then docker rm ${FORMER} >/dev/null; fi
  exit 0
fi
{ echo "${LOG_MARK}"; docker logs --tail 40 weave; } >>"$said" 2>&1
if [ -n "$(state ${FORMER})" ]; then
  docker rm -f weave >/dev/null 2>&1
  docker rename ${FORMER} weave && docker update --restart="\${policy:-always}" weave >/dev/null &&
    docker start weave >/dev/null && code=${TAKEN_BACK}
fi
cat "$said"
exit "$code"
`;

/**
 * $1: the command. The version as it carries it itself, and whose images it wants: asking it for
 * its version would start a container, and pull its image.
 */
export const VERSION = `${PATH_LINE}
command=$(command -v "\${1:-weave}") || exit 127
version=$(sed -n 's/^SCRIPT_VERSION="\\{0,1\\}\\([^"]*\\)"\\{0,1\\}$/\\1/p' "$command" | head -n 1)
owner=$(sed -n 's/^DOCKERHUB_USER=\\([$]{DOCKERHUB_USER:-\\)\\{0,1\\}\\([^}]*\\)}\\{0,1\\}$/\\2/p' "$command" | head -n 1)
echo "\${version:-unknown}"
echo "\${DOCKERHUB_USER:-$owner}"
`;

/**
 * Dry run: nothing is loaded. A directory called \`bridge\` tells a bridge from a datapath of Open
 * vSwitch.
 */
export const DATAPATH = `${PATH_LINE}
if [ -d /sys/module/openvswitch ] || modprobe -n -q openvswitch 2>/dev/null; then echo yes; else echo no; fi
if [ -d /sys/class/net/datapath ]; then echo datapath
elif [ -d /sys/class/net/weave/bridge ]; then echo bridge
elif [ -d /sys/class/net/weave ]; then echo datapath
else echo none; fi
`;

/** Exit code of ROUTER when there is no such container. */
export const NO_ROUTER = 44;

/**
 * The first line of standard input is the password to compare with, or empty. Prints the status,
 * the image, the arguments as JSON and how the passwords compare.
 */
export const ROUTER = `${PATH_LINE}
IFS= read -r wanted || wanted=
if ! found=$(docker inspect --type container -f '{{.State.Status}}
{{.Config.Image}}
{{json .Config.Cmd}}' weave 2>&1); then
  case $found in
    *'No such'*) exit ${NO_ROUTER} ;;
  esac
  echo "$found" >&2
  exit 1
fi
echo "$found"
actual=$(docker inspect --type container -f '{{range .Config.Env}}{{println .}}{{end}}' weave |
  sed -n 's/^WEAVE_PASSWORD=//p')
if [ -z "$actual" ]; then echo none
elif [ "$actual" = "$wanted" ]; then echo same
else echo other; fi
`;

/**
 * $1: the weave command. The host's time in seconds on a line of its own, then the report. The status API answers on the
 * host's loopback only. Not every host has curl or wget, so the shell may have to do.
 */
export const REPORT = `${PATH_LINE}
date +%s
url=http://127.0.0.1:6784/report
if command -v curl >/dev/null; then
  exec curl -fsS --noproxy '*' -m 15 -H 'Accept: application/json' "$url"
elif command -v wget >/dev/null; then
  exec env -u http_proxy wget -q -T 15 -O - --header 'Accept: application/json' "$url"
elif command -v bash >/dev/null; then
  exec timeout 15 bash -c '
    exec 3<>/dev/tcp/127.0.0.1/6784 || exit 7
    printf "GET /report HTTP/1.0\\r\\nAccept: application/json\\r\\n\\r\\n" >&3
    sed "1,/^\\r*\\$/d" <&3'
else
  ${SPEAK_DOCKERS_API}
  exec timeout 15 "\${1:-weave}" report
fi
`;

/**
 * Status, exit code and restarts of the router's container, a word each, and then its log. Nothing
 * where there is none.
 */
export const TROUBLE = `${PATH_LINE}
if ! found=$(docker inspect --type container -f '{{.State.Status}} {{.State.ExitCode}} {{.RestartCount}}' weave 2>&1); then
  case $found in
    *[Nn]'o such'*) exit 0 ;;
  esac
  echo "$found" >&2
  exit 1
fi
echo "$found"
docker logs --tail 40 weave 2>&1
`;

/** The last words of a router that died. */
export const LAST_WORDS = `${PATH_LINE}
docker logs --tail 40 weave 2>&1
`;

/** Where Ferry keeps on a host what it must know of its own doing there. */
export const STATE_FOLDER = "/var/lib/ferry/weave";
/** Images that were not there before Ferry fetched them, a line each. */
export const FETCHED = `${STATE_FOLDER}/fetched-images`;
export const REMOVED = `${STATE_FOLDER}/removed.json`;

/** How the router came to the host. */
export const ORIGIN = `${STATE_FOLDER}/origin.json`;

/**
 * Fetches the images $1... that are not there, within the caller's deadline, and prints which those
 * were. Each is noted before it is fetched, so that one whose fetching was cut off is removed again
 * too.
 */
export const SETUP = `${PATH_LINE}
for image; do
  if docker image inspect "$image" >/dev/null 2>&1; then continue; fi
  mkdir -p ${STATE_FOLDER} || exit 1
  grep -qxF "$image" ${FETCHED} 2>/dev/null || echo "$image" >>${FETCHED} || exit 1
  docker pull -q "$image" >&2 || exit 1
  echo "$image"
done
`;

/** Prints what runs of Weave's, or is there for it to run, a line each. */
const REMAINS = `names=$(docker ps -a --format '{{.Names}}') || exit 1
echo "$names" | grep -E '^(weave|weavedb|weaveplugin|weaveproxy|weavevolumes-.*)$'
for link in weave datapath; do
  if [ -d "/sys/class/net/$link" ]; then echo "the link $link"; fi
done
`;

/**
 * What there is for 'weave reset' to remove; rules and links are left over when one was cut off.
 */
export const REMAINING = `${PATH_LINE}
${REMAINS}
if iptables-save 2>/dev/null | grep -q '^:WEAVE'; then echo "its rules"; fi
if ls /sys/class/net | grep -q '^vethwe'; then echo "containers' links"; fi
exit 0
`;

/**
 * What 'weave reset' leaves: the plug-in for Kubernetes, which every launch unpacks (18 MB), the
 * proxy's dead socket, and the chains by which later releases see that somebody flushed the rules,
 * each with its table where nothing else is in it. Where a kubelet is, the plug-in may be in use.
 * Then what Ferry itself put there. Prints what else is still there, which should be nothing.
 */
export const SWEEP = `${PATH_LINE}
if [ ! -d /var/lib/kubelet ]; then
  rm -f /opt/cni/bin/weave-net /opt/cni/bin/weave-ipam /opt/cni/bin/weave-plugin-* /etc/cni/net.d/10-weave.conflist
  rmdir /opt/cni/bin /opt/cni
fi 2>/dev/null
docker rm -f ${FORMER} >/dev/null 2>&1
rm -f /var/run/weave/weave.sock
rmdir /var/run/weave/etc /var/run/weave 2>/dev/null
for table in mangle nat filter; do
  iptables -w -t $table -F WEAVE-CANARY && iptables -w -t $table -X WEAVE-CANARY || continue
  if iptables -w -t $table -S | grep -qv '^-P [A-Z]* ACCEPT$'; then continue; fi
  # With nftables beneath, the chains that every table has go like this, and leave a table without any.
  iptables -w -t $table -X && [ "$(nft list table ip $table | wc -l)" = 2 ] && nft delete table ip $table
done >/dev/null 2>&1
${REMAINS}
if [ -e ${FETCHED} ]; then
  # One that a container of somebody's uses stays: Docker refuses.
  while IFS= read -r image; do docker rmi "$image"; done <${FETCHED} >/dev/null 2>&1
fi
rm -f ${FETCHED} ${REMOVED} ${ORIGIN}
rmdir ${STATE_FOLDER} /var/lib/ferry 2>/dev/null
exit 0
`;

/** The host's own addresses on the overlay. */
export const EXPOSED = `${PATH_LINE}
ip -o -4 addr show dev weave 2>/dev/null | sed -n 's/.* inet \\([0-9.]*\\/[0-9]*\\) .*/\\1/p'
exit 0
`;

/** Removes the note of removed peers when it is empty, and the folders that only it needed. */
export const FORGET_REMOVED = `
rm -f ${REMOVED}
rmdir ${STATE_FOLDER} /var/lib/ferry 2>/dev/null
exit 0
`;

/** Removes what is kept in mind of a router that stays. */
export const LET_GO = `
rm -f ${FETCHED} ${REMOVED} ${ORIGIN}
rmdir ${STATE_FOLDER} /var/lib/ferry 2>/dev/null
exit 0
`;

import { LabError } from "./errors";
import { thisLab } from "./identity";
import { crash, down, reboot, start, status, up, wipe } from "./lab";
import { leftovers } from "./leftovers";
import { interactive, requireHost } from "./ssh";
import { parseHosts } from "./up-arguments";

const usage = `usage: npm run lab -- COMMAND
  up [N] [KIND]       bring up hosts node1..nodeN (3 if not said); what is up stays as it is
     --suite bookworm|trixie --docker 20.10|26.1|28|29 --store overlay2|containerd
     --weave weave-2.6.5|weave-as-reweave   what the hosts are made of; what is left out follows
     --host node2=trixie/29/containerd      one host of another kind, as often as wanted
  status              the hosts, their addresses and whether they answer
  ssh HOST [CMD...]   a shell on a host, or one command
  reboot HOST         reboot it and wait until it answers
  crash HOST          cut its power
  start HOST          bring it back
  down                end everything of this lab on this machine; disks are kept
  wipe                down, and delete the hosts' disks
  leftovers           list what is left of this lab on this machine; nothing when it is down`;

const say = (line: string): void => void process.stderr.write(`lab: ${line}\n`);
const print = (lines: readonly string[]): void => {
  for (const line of lines) process.stdout.write(`${line}\n`);
};

function wanted(word: string | undefined, what: string): string {
  if (word === undefined) throw new LabError(`${what} is missing.\n${usage}`, 2);
  return word;
}

async function main([command, ...args]: string[]): Promise<number> {
  const lab = thisLab();
  const started = Date.now();
  const report = (what: string): number => {
    say(`${what} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
    return 0;
  };
  const hostName = (): string => wanted(args[0], "The host's name");
  switch (command) {
    case "up": {
      const { count, kindOf } = parseHosts(args);
      await up(count, lab, say, kindOf);
      return report(
        `${count} hosts are up in ${lab.network}.0/24; 'npm run lab -- ssh node1' opens one` +
          // That many the example names.
          (count < 3 ? "" : ", and 'pulumi up' runs examples/moby-counter on them"),
      );
    }
    case "status":
      print(await status(lab));
      return 0;
    case "ssh":
      return interactive(lab, requireHost(lab, hostName()), args.slice(1));
    case "reboot":
      await reboot(hostName(), lab);
      return report(`${hostName()} has rebooted`);
    case "crash":
      await crash(hostName(), lab);
      return report(`${hostName()} has lost its power`);
    case "start":
      await start(hostName(), lab, say);
      return report(`${hostName()} is up`);
    case "down":
      await down(lab, say);
      return report("down; nothing of it is left running");
    case "wipe":
      await wipe(lab, say);
      return report("down, and its disks deleted");
    case "leftovers": {
      const left = leftovers(lab);
      print(left);
      return left.length === 0 ? 0 : 1;
    }
    default:
      throw new LabError(usage, 2);
  }
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    if (!(error instanceof LabError)) throw error;
    say(error.message);
    process.exitCode = error.exitCode;
  },
);

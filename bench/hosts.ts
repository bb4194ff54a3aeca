import { JoinedHosts } from "../test/lab/joined-hosts";

/** Three hosts of the benchmark's own, joined by Weave. */
export class BenchHosts extends JoinedHosts {
  constructor() {
    super("bench", ["node1", "node2", "node3"]);
  }

  /** Nothing that was written before slows down what is measured next. */
  async waitUntilIdle(): Promise<void> {
    await this.run("node2", "sync");
  }

  /**
   * What plain `ssh cat` of a file moves from node1 to node2, with the cipher that ssh itself picks
   * on such machines.
   */
  async linkMiBps(sizeMiB: number): Promise<number> {
    await this.run(
      "node2",
      "rm -rf /root/bench && mkdir /root/bench && ssh-keygen -q -t ed25519 -N '' -f /root/bench/key -C ferry-bench",
    );
    const key = (await this.run("node2", "cat /root/bench/key.pub")).trim();
    await this.run(
      "node1",
      `echo '${key}' >>/root/.ssh/authorized_keys; head -c ${sizeMiB}M /dev/urandom >/var/lib/docker/bench`,
    );
    const from = this.connections["node1"]?.host ?? "";
    const cat =
      "ssh -i /root/bench/key -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR " +
      `-c aes128-gcm@openssh.com root@${from} cat /var/lib/docker/bench`;
    const measured = `sync; s=$(date +%s%N); ${cat} >/var/lib/docker/bench; e=$(date +%s%N); rm /var/lib/docker/bench; echo $((e - s))`;
    // Once for the page cache; the better one counts, as it is what others are held against.
    const times = [await this.run("node2", measured), await this.run("node2", measured)].map(
      Number,
    );
    await this.run(
      "node1",
      "sed -i '/ferry-bench$/d' /root/.ssh/authorized_keys; rm /var/lib/docker/bench",
    );
    await this.run("node2", "rm -r /root/bench");
    return (sizeMiB * 1e9) / Math.min(...times);
  }
}

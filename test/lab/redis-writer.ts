import { until, type MeshLab } from "./weave/mesh-lab";

export interface Written {
  readonly acknowledged: number;
  readonly found: number;
  readonly lost: number;
}

/** Writes to a redis at a published port, from another host, and counts what was acknowledged. */
export class RedisWriter {
  constructor(
    private readonly hosts: MeshLab,
    private readonly from: string,
    private readonly to: string,
  ) {}

  begin(): Promise<string> {
    const address = this.hosts.address(this.to);
    return this.hosts.run(
      this.from,
      `docker run -d --name writer --network host ferry-demo/web:1 /app/writer.js ${address} 6379 --key writes --status /tmp/status`,
    );
  }

  async acknowledged(): Promise<number> {
    const { stdout } = await this.hosts.tryRun(this.from, "docker exec writer cat /tmp/status");
    return stdout.startsWith("{") ? (JSON.parse(stdout) as Written).acknowledged : 0;
  }

  async goesOn(): Promise<void> {
    const before = await this.acknowledged();
    const asked = () => this.acknowledged();
    await until("the writer goes on", 60, asked, (now) => now > before + 100);
  }

  async finish(): Promise<Written> {
    await this.hosts.run(this.from, "docker kill -s TERM writer && docker wait writer");
    const report = await this.hosts.run(this.from, "docker logs writer 2>/dev/null | tail -n 1");
    await this.hosts.run(this.from, "docker rm writer");
    return JSON.parse(report) as Written;
  }
}

import { machineFacts } from "../../provider/adapters/host/machine-facts";
import { sshHostDirectory } from "../../provider/adapters/host-directory";
import type { HostDirectory } from "../../provider/core/ports";
import { TestServer } from "./ssh-server";

const server = new TestServer();
let directory: HostDirectory;

beforeAll(async () => {
  await server.listen();
  directory = sshHostDirectory();
});
afterAll(async () => {
  await directory.close();
  await server.close();
});

const seconds = () => Date.now() / 1000;

test("a machine is asked by its own shell, and this one keeps its own time", async () => {
  const host = await directory.open("here", server.connection({ user: "root" }));
  const facts = await machineFacts(host, seconds);
  expect(facts.clockAheadSeconds).toBe(0);
  expect(facts.selinux).toBe("none");
});

test.each([
  [100, 100],
  [-100, -99],
])("a clock that is %d s off is seen", async (off, seen) => {
  const host = await directory.open("here", server.connection({ user: "root" }));
  const { clockAheadSeconds } = await machineFacts(host, () => seconds() - off);
  expect(Math.abs(clockAheadSeconds - seen)).toBeLessThanOrEqual(2);
});

test("whatever a host prints beside it is no answer; none at all is told with the host", async () => {
  const noisy = (stdout: string) => ({
    name: "noisy",
    shell: { script: () => Promise.resolve({ exitCode: 0, stdout, stderr: "" }) } as never,
  });
  const answer = "welcome\ndocker=no\nferry-fact time=1000\nferry-fact docker=yes\n";
  expect(await machineFacts(noisy(answer), () => 1000)).toMatchObject({
    hasDockerCommand: true,
    clockAheadSeconds: 0,
  });
  await expect(machineFacts(noisy("welcome\n"), () => 1000)).rejects.toThrow(
    "looking at what it has failed on host 'noisy'",
  );
});

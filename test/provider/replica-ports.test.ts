import type { PortBinding } from "../../provider/core/container-spec";
import { UNKNOWN } from "../../provider/core/unknown";
import { fakeReplica, IMAGE, program } from "./replica-fixture";

const web = (hostPort?: number, hostIp?: string): PortBinding => ({
  ...{ containerPort: 80, protocol: "tcp" },
  ...(hostPort === undefined ? {} : { hostPort }),
  ...(hostIp === undefined ? {} : { hostIp }),
});

function fixture() {
  const { handler } = fakeReplica();
  /** The problems of one replica's check, its old inputs being none. */
  const check = (service: string, host: string, ...ports: PortBinding[]) =>
    handler.check({}, { ...program(host, { service, spec: { image: IMAGE, ports } }) }).problems;
  return { check, handler };
}

test("two that publish one port on one host: the second is refused, both being named", () => {
  const { check } = fixture();
  expect(check("web", "node1", web(8080))).toEqual([]);
  expect(check("site", "node1", web(8080))).toEqual([
    {
      property: "spec.ports",
      reason:
        "port 8080/tcp of host 'node1' is published by apples/web as well, and only one container can have it. " +
        "Give one of the two another port or another host.",
    },
  ]);
});

test("other hosts, other ports, other addresses, and ports that Docker picks are none of that", () => {
  const { check } = fixture();
  expect(check("web", "node1", web(8080, "127.0.0.1"), web())).toEqual([]);
  expect(check("site", "node1", web(8081), web(8080, "10.0.0.1"), web())).toEqual([]);
  expect(check("shop", "node2", web(8080))).toEqual([]);
});

test("who is checked again, or has gone elsewhere in the program, is not in its own way", () => {
  const { check } = fixture();
  check("web", "node1", web(8080));
  expect(check("web", "node1", web(8080))).toEqual([]);
  check("web", "node2", web(8080));
  expect(check("site", "node1", web(8080))).toEqual([]);
});

test("what is not known yet is not compared", () => {
  const { check, handler } = fixture();
  check("web", "node1", web(8080));
  const spec = { image: IMAGE, ports: UNKNOWN as never };
  expect(handler.check({}, { ...program("node1", { service: "site", spec }) }).problems).toEqual(
    [],
  );
});

import { UNKNOWN } from "../../../provider/core/unknown";
import { checkMesh } from "../../../provider/core/weave/mesh-inputs";
import { checkPeer, launchSettings } from "../../../provider/core/weave/peer-inputs";

const connection = { host: "10.0.0.1", privateKey: "key", hostKey: "ssh-ed25519 AAAA" };
const props = {
  cluster: "net",
  host: "node1",
  connection,
  targets: ["10.0.0.3", "10.0.0.2"],
  electors: 3,
  ipallocRange: "10.32.0.0/13",
  discovery: true,
};
const problemsOf = (extra: object) =>
  checkPeer({}, { ...props, ...extra }).problems.map(
    ({ property, reason }) => `${property} ${reason}`,
  );

describe("a peer's inputs", () => {
  test("are filled in and normalised", () => {
    const { inputs, problems } = checkPeer(
      {},
      {
        ...props,
        targets: ["10.0.0.3:6783", "10.0.0.1", "10.0.0.2", "10.0.0.3"],
        peerName: "02:AB:22:33:44:55",
        dnsDomain: "Example.Local.",
        trustedSubnets: ["10.0.1.0/24", "10.0.0.0/24", "10.0.1.0/24"],
        extraFlags: [],
        nickname: null,
      },
    );
    expect(problems).toEqual([]);
    expect(inputs).toEqual({
      ...props,
      address: "10.0.0.1",
      targets: ["10.0.0.2", "10.0.0.3"],
      peerName: "02:ab:22:33:44:55",
      dnsDomain: "example.local",
      trustedSubnets: ["10.0.0.0/24", "10.0.1.0/24"],
    });
    expect(checkPeer(inputs, { ...inputs }).inputs).toEqual(inputs);
  });

  test("become launch settings", () => {
    const { inputs } = checkPeer({}, { ...props, password: "open sesame", mtu: 1300 });
    expect(launchSettings(inputs)).toEqual({
      ipallocRange: "10.32.0.0/13",
      discovery: true,
      trustedSubnets: [],
      extraFlags: [],
      targets: ["10.0.0.2", "10.0.0.3"],
      electors: 3,
      mtu: 1300,
      password: "open sesame",
    });
  });

  test("may be unknown in preview, each of them", () => {
    for (const name of Object.keys(props)) {
      expect(checkPeer({}, { ...props, [name]: UNKNOWN }).problems).toEqual([]);
    }
    const { inputs, problems } = checkPeer(
      {},
      {
        ...props,
        connection: { ...connection, host: UNKNOWN },
        targets: ["10.0.0.2", UNKNOWN],
        password: UNKNOWN,
        ipallocDefaultSubnet: UNKNOWN,
      },
    );
    expect(problems).toEqual([]);
    expect(inputs.address).toBe(UNKNOWN);
    expect(inputs.targets).toEqual(["10.0.0.2", UNKNOWN]);
    expect(inputs.password).toBe(UNKNOWN);
  });

  test.each<[object, string]>([
    [{ targets: undefined }, "targets is missing"],
    [{ targets: "10.0.0.2" }, "targets is not a list"],
    [
      { targets: ["$(touch x)"] },
      "targets '$(touch x)' is neither an IPv4 address nor a name that a peer could dial",
    ],
    [
      { targets: ["--no-dns"] },
      "targets '--no-dns' is neither an IPv4 address nor a name that a peer could dial",
    ],
    [
      { address: "fe80::1" },
      "address 'fe80::1' is neither an IPv4 address nor a name that a peer could dial",
    ],
    [{ connection: {} }, "connection needs a host: the address that this machine dials"],
    [{ electors: 0 }, "electors must be a whole number from 1 to 10000"],
    [{ electors: "3" }, "electors must be a whole number from 1 to 10000"],
    [
      { ipallocRange: "10.33.0.0/12" },
      "ipallocRange '10.33.0.0/12' is not a CIDR: it does not start at a network address; 10.32.0.0/12 does",
    ],
    [
      { ipallocRange: "10.32.0.0/31" },
      "ipallocRange '10.32.0.0/31' is too small: Weave needs a /30 or wider",
    ],
    [
      { ipallocDefaultSubnet: "10.48.0.0/24" },
      "ipallocDefaultSubnet '10.48.0.0/24' is not inside ipallocRange '10.32.0.0/13'",
    ],
    [{ peerName: "node1" }, "peerName 'node1' is not of the form 01:23:45:67:89:ab"],
    [{ nickname: "a b" }, "nickname 'a b' is no name: use letters, digits, '.', '_' and '-'"],
    [{ nickname: "" }, "nickname is empty"],
    [{ dnsDomain: "under_score" }, "dnsDomain 'under_score' is not a legal DNS domain"],
    [{ dnsDomain: "x".repeat(64) }, `dnsDomain '${"x".repeat(64)}' is not a legal DNS domain`],
    [{ discovery: "yes" }, "discovery must be true or false"],
    [{ mtu: 100 }, "mtu must be a whole number from 576 to 65535"],
    [
      { trustedSubnets: ["10.0.0.0"] },
      "trustedSubnets '10.0.0.0' is not a CIDR: it has no prefix length, such as the /24 in 10.40.0.0/24",
    ],
    [
      { extraFlags: ["--log-level debug"] },
      "extraFlags '--log-level debug' is not one flag of the form --name or --name=value, without spaces or quotes",
    ],
    [
      { extraFlags: ["--password=sesame"] },
      "extraFlags '--password' has an input of its own: use password",
    ],
    [
      { extraFlags: ["--http-addr=0.0.0.0:6784"] },
      "extraFlags '--http-addr' is set by Ferry or would keep it from working: leave it out",
    ],
  ])("%j is refused", (extra, problem) => {
    expect(problemsOf(extra)).toEqual([problem]);
  });

  test.each([["sesame"], ["two\nlines and more"]])(
    "a password like %j is refused without being shown",
    (password) => {
      const [problem] = problemsOf({ password });
      expect(problem).toMatch(/^password (is too short|must be one line)/);
      expect(problem).not.toContain(password);
    },
  );

  test("another peer name is refused once there is one", () => {
    const { inputs } = checkPeer({}, { ...props, peerName: "02:00:00:00:00:01" });
    const { problems } = checkPeer(inputs, { ...props, peerName: "02:00:00:00:00:02" });
    expect(problems.map(({ property }) => property)).toEqual(["peerName"]);
    expect(checkPeer(inputs, props).problems).toEqual([]);
  });
});

describe("a mesh's inputs", () => {
  const meshProps = {
    cluster: "net",
    connections: { node1: connection, node2: { ...connection, host: "10.0.0.2" } },
    peers: [
      { host: "node2", address: "10.0.0.2" },
      { host: "node1", address: "10.0.0.1" },
    ],
    electors: 2,
  };

  test("are sorted and filled in", () => {
    const { inputs, problems } = checkMesh({}, meshProps);
    expect(problems).toEqual([]);
    expect(inputs.peers.map(({ host }) => host)).toEqual(["node1", "node2"]);
    expect(inputs.timeoutSeconds).toBe(120);
    expect(checkMesh(inputs, { ...inputs }).inputs).toEqual(inputs);
  });

  test("changed connections alone are no change", () => {
    const { inputs } = checkMesh({}, meshProps);
    const rotated = {
      node1: { ...connection, privateKey: "new" },
      node2: meshProps.connections.node2,
    };
    expect(checkMesh(inputs, { ...meshProps, connections: rotated }).inputs).toEqual(inputs);
    const changed = checkMesh(inputs, { ...meshProps, connections: rotated, electors: 3 }).inputs;
    expect(changed.connections).toEqual(rotated);
    const unknown = checkMesh(inputs, { ...meshProps, connections: UNKNOWN }).inputs;
    expect(unknown).toEqual({ ...inputs, connections: UNKNOWN });
  });

  test("may be unknown in preview", () => {
    for (const name of Object.keys(meshProps)) {
      expect(checkMesh({}, { ...meshProps, [name]: UNKNOWN }).problems).toEqual([]);
    }
    const peers = [{ host: "node1", address: UNKNOWN }];
    expect(checkMesh({}, { ...meshProps, peers }).problems).toEqual([]);
  });

  test("a peer without a connection is refused", () => {
    const { problems } = checkMesh({}, { ...meshProps, connections: { node1: connection } });
    expect(problems).toEqual([
      { property: "peers[0].host", reason: "no connection is given for host 'node2'" },
    ]);
  });
});

import { FakeNetwork } from "../../provider/adapters/fakes/weave/fake-weave";
import { weaveContract } from "../contracts/weave-contract";

describe("the fake Weave", () => {
  const network = new FakeNetwork();
  const first = network.add("node1", "10.0.0.1");
  const second = network.add("node2", "10.0.0.2");
  weaveContract(() => ({
    first,
    second,
    firstAddress: "10.0.0.1",
    secondAddress: "10.0.0.2",
    firstHost: "node1",
    secondHost: "node2",
    wait: () => Promise.resolve(),
  }));
});

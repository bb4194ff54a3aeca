import { execFileSync } from "child_process";
import { join } from "path";

/**
 * The text that goes into every user's state. It is taken from the built package, since that is
 * what users have: the compiler's layout is part of it. A change here is a diff on every resource
 * of every user.
 */
function serialised(kind: string, maker = "thinProvider"): string {
  const program = `
    const pulumi = require("@pulumi/pulumi");
    const makers = require("./dist/provider/thin.js");
    const provider = makers[process.argv[2]](process.argv[1]);
    pulumi.runtime.serializeFunction(() => provider, { allowSecrets: true }).then(({ text }) => process.stdout.write(text));
  `;
  return execFileSync(process.execPath, ["-e", program, kind, maker], {
    cwd: join(__dirname, "..", ".."),
    encoding: "utf8",
    // What Node has to say of the SDK's own imports is nobody's concern here; an error carries it.
    stdio: ["ignore", "pipe", "pipe"],
  });
}

describe("the text that Pulumi keeps in state for each resource", () => {
  it("is the one that users already have", () => {
    expect(serialised("replica")).toMatchSnapshot();
  });

  it("has one more form, for those that have the library below a package of theirs", () => {
    expect(serialised("replica", "thinProviderBelow")).toMatchSnapshot();
  });

  it.each([
    "host",
    "addressPool",
    "lateSubnet",
    "peer",
    "mesh",
    "separation",
    "volume",
    "replica",
    "upkeep",
    "ports",
  ])("stays under 1 KB for %s", (kind) => {
    expect(Buffer.byteLength(serialised(kind))).toBeLessThan(1024);
  });

  it("is the same for every kind but for the kind's name", () => {
    const texts = ["host", "mesh", "replica"].map((kind) =>
      serialised(kind).replace(`"${kind}"`, '"KIND"'),
    );
    expect(new Set(texts).size).toBe(1);
  });
});

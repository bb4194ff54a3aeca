import fc from "fast-check";
import { deployment, NOTHING, plan, refusal, update } from "./helpers";
import { enclosing, formatCidr, parseCidr } from "../../../provider/core/addresses/ipv4";

const settings = { pool: "10.40.0.0/13", exclude: ["10.41.0.0/16"] };

test.each([
  ["10.9.0.0/24", "it is outside the pool 10.40.0.0/13"],
  ["10.32.0.0/12", "it is outside the pool 10.40.0.0/13"],
  ["10.41.3.0/24", "it overlaps the exclusion 10.41.0.0/16"],
  ["10.40.0.0/14", "it overlaps the exclusion 10.41.0.0/16"],
  ["10.42.0.0/15", "it overlaps the subnet 10.42.0.0/24 of deployment 'a'"],
  ["10.42.0.128/25", "it overlaps the subnet 10.42.0.0/24 of deployment 'a'"],
  ["10.43.0.0/31", "no address of it is free for a replica; /30 is the narrowest that can be used"],
])("the fixed subnet %s is refused: %s", (subnet, reason) => {
  const requests = [
    deployment("b", {}, { subnet }),
    deployment("a", {}, { subnet: "10.42.0.0/24" }),
  ];
  expect(refusal(settings, NOTHING, requests)).toEqual([
    `requests.b.subnet: deployment 'b' cannot have the subnet ${subnet}: ${reason}. Choose another.`,
  ]);
});

test("a fixed subnet cannot be taken from a deployment that has it, nor from one that leaves in this update", () => {
  const kept = update(settings, NOTHING, [deployment("a", { web: 1 })]);
  const wanted = deployment("b", { web: 1 }, { subnet: "10.40.0.0/24" });
  expect(refusal(settings, kept, [deployment("a", { web: 1 }), wanted])).toEqual([
    "requests.b.subnet: deployment 'b' cannot have the subnet 10.40.0.0/24: it overlaps the subnet 10.40.0.0/27 of " +
      "deployment 'a'. Choose another.",
  ]);
  expect(refusal(settings, kept, [wanted])).toEqual([
    "requests.b.subnet: deployment 'b' cannot have the subnet 10.40.0.0/24: it overlaps the subnet 10.40.0.0/27 of " +
      "deployment 'a', which keeps it until this update is done. Choose another.",
  ]);
  update(settings, update(settings, kept, []), [wanted]);
});

test("a fixed subnet that is too narrow says how wide the need is", () => {
  expect(
    refusal(settings, NOTHING, [deployment("a", { web: 6 }, { subnet: "10.40.0.0/29" })]),
  ).toEqual([
    "requests.a.subnet: deployment 'a' needs 6 addresses but its subnet 10.40.0.0/29 holds 5. Give it a wider " +
      "`subnet:`; one that contains this one changes no address.",
  ]);
});

test("an exclusion cannot be laid over a subnet that is in use", () => {
  const kept = update(settings, NOTHING, [deployment("a", { web: 1 })]);
  const exclude = ["10.40.0.16/28"];
  expect(refusal({ ...settings, exclude }, kept, [deployment("a", { web: 1 })])).toEqual([
    "exclude: the exclusion 10.40.0.16/28 overlaps the subnet 10.40.0.0/27 of deployment 'a'. Take the exclusion " +
      "back, or give the deployment another `subnet:`, with which its replicas get new addresses.",
  ]);
  update({ ...settings, exclude }, kept, [deployment("a", { web: 1 }, { subnet: "10.40.0.0/28" })]);
  const fixed = update(settings, kept, [deployment("a", { web: 1 }, { subnet: "10.40.0.0/27" })]);
  expect(
    refusal({ ...settings, exclude }, fixed, [
      deployment("a", { web: 1 }, { subnet: "10.40.0.0/27" }),
    ]),
  ).toEqual([
    "requests.a.subnet: deployment 'a' cannot have the subnet 10.40.0.0/27: it overlaps the exclusion " +
      "10.40.0.16/28. Free it, or choose another.",
  ]);
});

describe("another pool", () => {
  const wanted = ["a", "b"].map((name) => deployment(name, { web: 1 }));
  const kept = update(settings, NOTHING, wanted);

  test("is fine when it contains the subnets in use", () => {
    expect(update({ pool: "10.32.0.0/12" }, kept, wanted)).toEqual(kept);
    expect(update({ pool: "10.40.0.0/16" }, kept, wanted)).toEqual(kept);
  });

  test("is refused when it does not", () => {
    expect(refusal({ pool: "10.48.0.0/13" }, kept, wanted)).toEqual([
      "pool: the pool cannot become 10.48.0.0/13: deployments 'a' and 'b' would lie outside (10.40.0.0/27), and " +
        "addresses in use are not renumbered. Choose a pool that contains them, or give them a `subnet:` in the new " +
        "pool, with which replicas get new addresses.",
    ]);
  });

  test("is fine once the user has given every deployment a subnet in it", () => {
    const moved = update({ pool: "10.48.0.0/13" }, kept, [
      deployment("a", { web: 1 }, { subnet: "10.48.0.0/24" }),
      deployment("b", { web: 1 }, { subnet: "10.48.1.0/24" }),
    ]);
    expect(moved.released).toBeUndefined();
  });
});

describe("a pool that is too small", () => {
  const needy = ["a", "b", "c"].map((name) => deployment(name, { web: 10 }));

  test("says how many addresses are needed and what would do", () => {
    expect(refusal({ pool: "10.40.0.0/28" }, NOTHING, needy)).toEqual([
      "pool: the pool 10.40.0.0/28 is too small: 48 addresses are needed for all subnets and 16 are there, so there " +
        "is no subnet for deployments 'b' and 'c'. To make room, use a pool of /26 or wider that contains this one.",
    ]);
  });

  test("because of its exclusions, says so too", () => {
    expect(refusal({ pool: "10.40.0.0/26", exclude: ["10.40.0.0/27"] }, NOTHING, needy)).toEqual([
      "pool: the pool 10.40.0.0/26 is too small: 48 addresses are needed for all subnets and 32 are there, so there " +
        "is no subnet for deployment 'c'. To make room, use a pool of /25 or wider that contains this one.",
    ]);
    expect(
      refusal({ pool: "10.40.0.0/26", exclude: ["10.0.0.0/8"] }, NOTHING, needy.slice(0, 1)),
    ).toEqual([
      "pool: the pool 10.40.0.0/26 is too small: 16 addresses are needed for all subnets and 0 are there, so there is " +
        "no subnet for deployment 'a'. To make room, take an exclusion back, or use another pool.",
    ]);
  });

  test("what it says would do, does", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(60), { minLength: 1, maxLength: 12 }),
        fc.array(fc.nat(60), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 22, max: 29 }),
        (old, fresh, prefix) => {
          const pool = `10.40.0.0/${prefix}`;
          const before = old.map((n, i) => deployment(`old${i}`, { web: n }));
          const first = plan({ pool }, NOTHING, before);
          const kept = first.problems.length > 0 ? NOTHING : first.kept;
          const wanted = [
            ...(kept === NOTHING ? [] : before),
            ...fresh.map((n, i) => deployment(`new${i}`, { web: n })),
          ];
          const { problems } = plan({ pool }, kept, wanted);
          if (problems.length === 0) return;
          const advised = Number(
            /use a pool of \/(\d+) or wider/.exec(problems[0]?.reason ?? "")?.[1],
          );
          const wider = formatCidr(enclosing(parseCidr(pool).base, advised));
          expect(advised).toBeLessThan(prefix);
          expect(plan({ pool: wider }, kept, wanted).problems).toEqual([]);
        },
      ),
    );
  });
});

import { application, problems, read } from "./helpers";

/** The seed story: a page that counts clicks, and the redis that keeps them. */
const MOBY_COUNTER = `
web:
  image: ferry/moby-counter
  environment:
    - USE_REDIS_HOST=redis
  links:
    - redis
  ports:
    - "80:80"
redis:
  image: redis:latest
  volume_driver: flocker
  volumes:
    - "demo:/data"
`;

/** A shop of small services, some built from source. */
const SHOP = `
web: {build: ./web, ports: [80], links: [auth, catalogue]}
auth: {build: ./auth, ports: [80], links: [redis]}
catalogue: {image: acmeinc/productcatalog, ports: [80], links: [redis, pricing]}
pricing: {build: ./pricing, ports: [80]}
redis: {image: redis}
`;

describe("fig files", () => {
  it("reads the counter with its volume", () => {
    expect(application(MOBY_COUNTER)).toEqual({
      services: {
        redis: {
          name: "redis",
          container: {
            image: "redis:latest",
            mounts: [{ type: "volume", volume: "demo", target: "/data" }],
          },
          environment: {},
          links: [],
          dependsOn: [],
          scale: 1,
        },
        web: {
          name: "web",
          container: {
            image: "ferry/moby-counter",
            ports: [{ containerPort: 80, hostPort: 80, protocol: "tcp" }],
          },
          environment: { USE_REDIS_HOST: "redis" },
          links: [{ service: "redis", alias: "redis" }],
          dependsOn: [],
          scale: 1,
        },
      },
      volumes: {
        demo: { key: "demo", driver: "flocker", driverOptions: {}, labels: {}, external: false },
      },
    });
  });

  it("reads a shop, some of whose services are built", () => {
    const { services } = application(SHOP);
    expect(Object.values(services).map(({ build }) => build?.context)).toEqual([
      "./auth",
      undefined,
      "./pricing",
      undefined,
      "./web",
    ]);
    expect(services.catalogue?.links).toEqual([
      { service: "redis", alias: "redis" },
      { service: "pricing", alias: "pricing" },
    ]);
  });

  it("declares volumes by mounting them, on the local driver unless it says otherwise", () => {
    const { volumes } = application("a: {image: a, volumes: ['x:/x', '/anonymous', '/srv:/srv']}");
    expect(Object.values(volumes)).toEqual([
      { key: "x", driver: "local", driverOptions: {}, labels: {}, external: false },
    ]);
  });

  it("mounts what lies beside the file, as fig did, and else a volume of that name", () => {
    const text = "a: {image: a, volumes: ['conf.yml:/conf.yml', 'data:/data']}";
    const kindOf = (path: string) => (path === "data" ? ("folder" as const) : undefined);
    expect(Object.values(application(text, { kindOf }).volumes)).toEqual([
      expect.objectContaining({ key: "conf.yml" }),
      expect.objectContaining({ key: expect.stringMatching(/^data-/) as string, from: "data" }),
    ]);
    expect(Object.keys(application(text).volumes)).toEqual(["conf.yml", "data"]);
    expect(read(text).notes).toEqual([
      {
        path: "a.volumes[0]",
        reason: "is a named volume, as no file or folder of that name lies beside this file.",
        at: { line: 1, column: 25 },
      },
    ]);
    const driven = text.replace("image: a", "image: a, volume_driver: flocker");
    expect(Object.keys(application(driven, { kindOf }).volumes)).toEqual(["conf.yml", "data"]);
    expect(
      Object.keys(
        application(`services: {${text}}\nvolumes: {conf.yml: , data: }`, { kindOf }).volumes,
      ),
    ).toEqual(["conf.yml", "data"]);
  });

  it("takes the driver from whichever service names one", () => {
    const text = (first: string, second: string) =>
      `a: {image: a, volumes: ['x:/x']${first}}\nb: {image: b, volumes: ['x:/y']${second}}`;
    const flocker = ", volume_driver: flocker";
    for (const both of [text(flocker, ""), text("", flocker), text(flocker, flocker)])
      expect(application(both).volumes.x?.driver).toBe("flocker");
    expect(problems(text(flocker, ", volume_driver: local"))).toEqual([
      "b.volume_driver: gives a volume another driver than a.volume_driver does. Use the same in both services.",
    ]);
  });

  it("has no volume_driver in compose files", () => {
    expect(problems("services: {a: {image: a, volume_driver: flocker}}")).toEqual([
      "services.a.volume_driver: not supported: it belongs to fig files. Give the top-level volume its `driver`.",
    ]);
  });

  it("says why a top-level key that is no service cannot be read", () => {
    expect(problems("name: shop\nweb: {image: a}")).toEqual([
      "name: is not a service: the file has no `services`, so all that is at its top is one, with an `image`.",
    ]);
  });

  it("may have services with the names of compose's own keys", () => {
    expect(Object.keys(application("volumes: {image: a}\nversion: {image: b}").services)).toEqual([
      "version",
      "volumes",
    ]);
    expect(Object.keys(application("service: {image: a}").services)).toEqual(["service"]);
  });
});

import { spawn, type ChildProcess } from "child_process";
import { join } from "path";
import * as grpc from "@grpc/grpc-js";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { runtime } from "@pulumi/pulumi";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { thinProvider } from "../../provider/thin";

const ROOT = join(__dirname, "..", "..");
const URN = "urn:pulumi:test::shop::pulumi-nodejs:dynamic/ferry:AddressPool::net-pool";

/**
 * The process that the engine starts for dynamic resources, without an engine: what is checked here
 * is that the text in state finds the built library, that `__provider` survives every call, and how
 * errors arrive.
 */
describe("the real dynamic-provider process", () => {
  let provider: ChildProcess;
  let client: ResourceProviderClient;
  let text: string;
  let stderr = "";

  beforeAll(async () => {
    // The same shape that the SDK serialises: a function that returns the provider.
    const thin = thinProvider("addressPool");
    text = (await runtime.serializeFunction(() => thin, { allowSecrets: true })).text;
    provider = spawn(
      process.execPath,
      ["node_modules/@pulumi/pulumi/cmd/dynamic-provider", "127.0.0.1:1"],
      {
        cwd: ROOT,
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    provider.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    const port = await new Promise<string>((resolve) => {
      provider.stdout?.once("data", (chunk: Buffer) => resolve(chunk.toString().trim()));
    });
    client = new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
    await call<messages.ConfigureResponse>("configure", configureRequest());
  });

  afterAll(() => {
    client.close();
    provider.kill("SIGKILL");
  });

  function call<Response>(
    method: keyof ResourceProviderClient,
    request: unknown,
  ): Promise<Response> {
    const send = client[method] as unknown as (
      request: unknown,
      callback: (error: grpc.ServiceError | null, response: Response) => void,
    ) => void;
    return new Promise((resolve, reject) =>
      send.call(client, request, (error, response) =>
        error === null ? resolve(response) : reject(error),
      ),
    );
  }

  function configureRequest(): messages.ConfigureRequest {
    const request = new messages.ConfigureRequest();
    request.setArgs(Struct.fromJavaScript({}));
    return request;
  }

  async function check(olds: object, news: object): Promise<messages.CheckResponse> {
    const request = new messages.CheckRequest();
    request.setUrn(URN);
    request.setOlds(Struct.fromJavaScript({ ...olds }));
    request.setNews(Struct.fromJavaScript({ __provider: text, ...news }));
    return call("check", request);
  }

  const pool = (replicas: { key: string; ip?: string }[]) => ({
    cluster: "net",
    pool: "10.40.0.0/13",
    exclude: [],
    ipallocRange: "10.32.0.0/13",
    hostRoutes: { node1: ["192.0.2.0/24"] },
    requests: [{ deployment: "apples", replicas }],
  });

  it("plans subnets and leases in check, before anything exists", async () => {
    const response = await check({}, pool([{ key: "redis-0" }, { key: "web-0" }]));
    const inputs = response.getInputs()?.toJavaScript() as Record<string, Record<string, never>>;
    expect(response.getFailuresList()).toEqual([]);
    expect(inputs["deployments"]).toMatchObject({
      apples: {
        subnet: expect.stringMatching(/^10\.4\d\./),
        leases: { "redis-0": expect.any(String) },
      },
    });
    expect(inputs["__provider"]).toBe(text);
  });

  it("answers a user's mistake as a failure of the property, without a stack trace", async () => {
    const twice = [
      { key: "redis-0", ip: "10.40.0.9" },
      { key: "web-0", ip: "10.40.0.9" },
    ];
    const response = await check({}, pool(twice));
    expect(response.getFailuresList().map((failure) => failure.getReason())).toEqual([
      expect.stringContaining("10.40.0.9"),
    ]);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it("keeps what check planned through create, and plans the same from it again", async () => {
    const planned = (await check({}, pool([{ key: "redis-0" }]))).getInputs() as Struct;
    const create = new messages.CreateRequest();
    create.setUrn(URN);
    create.setProperties(planned);
    const created = await call<messages.CreateResponse>("create", create);
    expect(created.getProperties()?.toJavaScript()).toMatchObject({ __provider: text });
    const again = await check(planned.toJavaScript(), pool([{ key: "redis-0" }]));
    expect(again.getInputs()?.toJavaScript()).toEqual(planned.toJavaScript());
  });
});

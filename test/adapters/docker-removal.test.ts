import { containerMethods } from "../../provider/adapters/docker/containers";
import type { Engine } from "../../provider/adapters/docker/engine";

/**
 * Docker's answers to removals, one after another; after the last of them the container is gone.
 */
function removing(...answers: (Error | undefined)[]) {
  let asked = 0;
  const container = {
    remove: () => {
      const answer = answers[asked];
      asked += 1;
      return answer === undefined ? Promise.resolve() : Promise.reject(answer);
    },
    inspect: () => Promise.reject(Object.assign(new Error("gone"), { statusCode: 404 })),
  };
  const call = (_what: string, work: (docker: object, signal: AbortSignal) => Promise<unknown>) =>
    work({ getContainer: () => container }, new AbortController().signal);
  const { remove } = containerMethods({ call } as unknown as Engine);
  return { remove, asked: () => asked };
}

const NOT_EMPTY = Object.assign(new Error("(HTTP code 500)"), {
  statusCode: 500,
  json: { message: "unable to remove filesystem for 0a: unlinkat /x: directory not empty" },
});

describe("removing a container", () => {
  test("is tried again when Docker trips over a file that it has written meanwhile", async () => {
    const { remove, asked } = removing(NOT_EMPTY, undefined);
    await remove("it");
    expect(asked()).toBe(2);
  });

  test("fails with Docker's words when it does so again and again", async () => {
    const { remove, asked } = removing(NOT_EMPTY, NOT_EMPTY, NOT_EMPTY, undefined);
    await expect(remove("it")).rejects.toBe(NOT_EMPTY);
    expect(asked()).toBe(3);
  });

  test("is not tried again for another reason", async () => {
    const busy = Object.assign(new Error("driver failed"), { statusCode: 500 });
    const { remove, asked } = removing(busy, undefined);
    await expect(remove("it")).rejects.toBe(busy);
    expect(asked()).toBe(1);
  });
});

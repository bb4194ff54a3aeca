import { withoutStacks } from "../../provider/resources/without-stacks";

const lines = () => new Error("why").stack?.split("\n").length ?? 0;

test("there is no frame until it is restored, whatever limit somebody sets meanwhile", () => {
  const before = { ...Error };
  const restore = withoutStacks();
  const without = lines();
  Error.stackTraceLimit = Infinity;
  const unlimited = lines();
  restore();
  expect([without, unlimited]).toEqual([1, 1]);
  expect({ ...Error }).toEqual(before);
  expect(lines()).toBeGreaterThan(1);
});

test("a program's own way to print a stack is there again", () => {
  const own = () => "mine";
  const former = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");
  Error.prepareStackTrace = own;
  withoutStacks()();
  const kept = new Error("why").stack;
  if (former) Object.defineProperty(Error, "prepareStackTrace", former);
  else delete (Error as Partial<ErrorConstructor>).prepareStackTrace;
  expect(kept).toBe("mine");
});

import * as inspector from "inspector";
import type * as Ferry from "../../index";
import type * as Recorder from "./recorder";

/**
 * Each copy of the SDK opens a debugger on the process, and never closes it. It keeps the texts of
 * all copies that there ever were: 30 programs in one process took 8 GB.
 */
const debuggers: inspector.Session[] = [];

function withoutFormerDebuggers(): void {
  for (const former of debuggers.splice(0)) former.disconnect();
  jest.doMock("inspector", () => ({
    ...inspector,
    Session: class extends inspector.Session {
      constructor() {
        super();
        debuggers.push(this);
      }
    },
  }));
}

/**
 * A program of its own for each test: the SDK keeps its mocks in its module, so the components must
 * be loaded together with the copy of the SDK that was given them. A naive one's mocks give back
 * what they are given, and nothing else.
 */
export function freshProgram({
  preview = false,
  naive = false,
  /** What the engine tells of this stack's resources. */
  state = {},
} = {}): {
  registered: Recorder.Registered[];
  ferry: typeof Ferry;
} {
  jest.resetModules();
  withoutFormerDebuggers();
  const { record } = require("./recorder") as typeof Recorder;
  const registered = naive ? record(preview, () => ({})) : record(preview, undefined, state);
  return { registered, ferry: require("../../index") as typeof Ferry };
}

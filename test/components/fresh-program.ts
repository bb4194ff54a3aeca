import type * as Ferry from "../../index";
import type * as Recorder from "./recorder";

/**
 * A program of its own for each test: the SDK keeps its mocks in its module, so the components must
 * be loaded together with the copy of the SDK that was given them.
 */
export function freshProgram({ preview = false } = {}): {
  registered: Recorder.Registered[];
  ferry: typeof Ferry;
} {
  jest.resetModules();
  const registered = (require("./recorder") as typeof Recorder).record(preview);
  return { registered, ferry: require("../../index") as typeof Ferry };
}

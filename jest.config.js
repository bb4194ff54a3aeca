/**
 * One project per layer, so that `jest --selectProjects core` is quick and `lab` is asked for by name. `long` are the
 * stories on real hosts that `npm run test:lab` tells and `npm test` does not: fault matrices, soaks.
 */
const project = (name, extra = {}) => ({
  displayName: name,
  rootDir: __dirname,
  testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
  // Types are checked once, by tsc, where `npm test` begins; `jest` by itself does not look at them.
  transform: {
    "^.+\\.ts$": ["ts-jest", { tsconfig: "<rootDir>/tsconfig.json", transpilation: true }],
  },
  moduleNameMapper: {
    "^pulumi-ferry$": "<rootDir>/index.ts",
    "^pulumi-ferry/testing$": "<rootDir>/testing/index.ts",
    "^pulumi-ferry/provider/handlers$": "<rootDir>/provider/handlers/index.ts",
  },
  testEnvironment: "node",
  ...extra,
});

module.exports = {
  // A busy machine is no failure; what really hangs is still told.
  testTimeout: 120_000,
  // Many suites load the engine's SDK anew, again and again: a worker that has grown by it is replaced.
  maxWorkers: "100%",
  workerIdleMemoryLimit: "1GB",
  projects: [
    project("core"),
    project("adapters"),
    project("provider"),
    // An example of a user's unit test is one of ours.
    project("components", {
      testMatch: ["<rootDir>/test/components/**/*.test.ts", "<rootDir>/examples/**/*.test.ts"],
    }),
    project("lab"),
    project("long"),
  ],
};

import tseslint from "typescript-eslint";

const aboveHandlers = ["**/resources/**", "**/components/**", "**/testing/**"];

/**
 * Imports go one way (docs/architecture.md): core <- adapters <- handlers, and core <- resources <- components.
 * Each row says what a folder must not reach for; everything else follows from it.
 */
const layers = [
  {
    files: ["provider/core/**/*.ts"],
    forbidden: [
      "**/adapters/**",
      "**/handlers/**",
      "**/on-host/**",
      "**/resources/**",
      "**/components/**",
      "**/testing/**",
    ],
    packages: [
      "@pulumi/*",
      "ssh2",
      "dockerode",
      "fs",
      "net",
      "child_process",
      "node:fs",
      "node:fs/*",
      "node:net",
      "node:child_process",
      "node:os",
      "node:timers/*",
    ],
    why: "provider/core is pure: no Pulumi, no I/O, no clock",
  },
  {
    files: ["provider/adapters/**/*.ts"],
    forbidden: ["**/handlers/**", ...aboveHandlers],
    packages: ["@pulumi/*"],
    why: "provider/adapters know core only",
  },
  {
    files: ["provider/local/**/*.ts"],
    forbidden: ["**/adapters/**", "**/handlers/**", "**/on-host/**", ...aboveHandlers],
    packages: ["@pulumi/*", "ssh2", "dockerode"],
    why: "provider/local reads this machine, and knows core only",
  },
  {
    files: ["provider/handlers/**/*.ts"],
    forbidden: aboveHandlers,
    packages: [],
    why: "provider/handlers know core and adapters only",
  },
  // A replica's way: converge -> move -> replica. A row takes the place of the one above that it is part of.
  {
    files: ["provider/handlers/replica/**/*.ts"],
    forbidden: [...aboveHandlers, "../move/**", "../converge/**"],
    packages: [],
    why: "what a replica is on its hosts knows neither its move nor who decides on one",
  },
  {
    files: ["provider/handlers/move/**/*.ts"],
    forbidden: [...aboveHandlers, "../converge/**"],
    packages: [],
    why: "a move does not know who decides on one",
  },
  {
    files: ["provider/resources/**/*.ts", "provider/thin.ts"],
    forbidden: [
      "**/adapters/**",
      "**/handlers/**",
      "**/on-host/**",
      "**/components/**",
      "**/testing/**",
    ],
    packages: ["ssh2", "dockerode"],
    why: "provider/resources know core only; effects are reached through the thin provider",
  },
  {
    files: ["components/**/*.ts"],
    forbidden: ["**/adapters/**", "**/handlers/**", "**/testing/**", "**/languages/**"],
    packages: ["ssh2", "dockerode"],
    why: "components are wiring: they know resources and core",
  },
  {
    files: ["testing/**/*.ts"],
    forbidden: ["**/adapters/**", "**/on-host/**"],
    packages: ["ssh2", "dockerode"],
    why: "testing plans by what handlers check, and reaches for no host",
  },
  {
    files: ["languages/**/*.ts"],
    forbidden: ["**/adapters/**", "**/on-host/**"],
    packages: ["ssh2", "dockerode"],
    why: "languages know components, and handlers as the engine does",
  },
];

export default tseslint.config(
  { ignores: ["dist/**", "node_modules/**", "**/*.js", "**/*.mjs", "coverage/**"] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_" },
      ],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-non-null-assertion": "error",
      "no-restricted-globals": "off",
    },
  },
  ...layers.map((layer) => ({
    files: layer.files,
    rules: {
      "no-restricted-imports": "off",
      "@typescript-eslint/no-restricted-imports": [
        "error",
        {
          patterns: [
            { group: layer.forbidden, message: layer.why },
            ...(layer.packages.length > 0 ? [{ group: layer.packages, message: layer.why }] : []),
          ],
        },
      ],
    },
  })),
  {
    files: ["provider/core/**/*.ts"],
    rules: {
      "no-restricted-properties": [
        "error",
        { object: "Date", property: "now", message: "provider/core has no clock" },
        { object: "Math", property: "random", message: "provider/core has no randomness" },
        { object: "process", property: "env", message: "provider/core reads no environment" },
      ],
      "no-restricted-syntax": [
        "error",
        {
          selector: "TSMethodSignature[optional=true]",
          message: "a port's methods are required: one that forgets a guard must not compile",
        },
      ],
    },
  },
  {
    // The text of this one is what Pulumi serialises: a literal require, untyped, is the point of it.
    files: ["provider/thin.ts"],
    rules: {
      "@typescript-eslint/no-require-imports": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
    },
  },
  {
    // Two files run at a time, and what one leaves on a host is a fault to the other.
    files: ["test/lab/**/*.ts", "test/long/**/*.ts"],
    rules: {
      "no-restricted-syntax": [
        "error",
        {
          selector:
            "CallExpression[arguments.length=0]:matches([callee.name='labConnections'], [callee.property.name='labConnections'])",
          message: "a test has hosts of its own (OwnLab), not those of `npm run lab`",
        },
      ],
    },
  },
  {
    // Jest's matchers and in-process servers are typed loosely; the tests still compile under strict.
    files: ["test/**/*.ts"],
    rules: {
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/unbound-method": "off",
      "@typescript-eslint/no-require-imports": "off",
    },
  },
);

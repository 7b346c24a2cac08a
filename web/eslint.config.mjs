// The linter of the client, of the end-to-end tests and of the tools beside them. It reads types through the module
// typescript, which is version 6 (see package.json): version 7, whose tsc checks the types, has no interface that
// typescript-eslint could use yet.
import js from "@eslint/js";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

/** What may not stand in a text unless it is made one: all, as the strict set has it. */
const NO_TEXTS = { allowAny: false, allowBoolean: false, allowNever: false, allowNullish: false, allowNumber: false, allowRegExp: false };

export default defineConfig(
  { ignores: ["dist/", "e2e/out/"] },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  js.configs.recommended,
  { files: ["**/*.mjs"], languageOptions: { globals: { Buffer: "readonly", console: "readonly", process: "readonly" } } },
  {
    files: ["camera.js"],
    languageOptions: { globals: { document: "readonly", fetch: "readonly", setTimeout: "readonly", URL: "readonly" } },
  },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // An index inside a loop's bounds is in its array, which the compiler cannot know, and a check for each of 478
      // points would cost; anywhere else `!` is a guess.
      "@typescript-eslint/no-non-null-assertion": "off",
      "no-restricted-syntax": ["error", {
        selector: "TSNonNullExpression > :not(MemberExpression[computed=true])",
        message: "Only an element of an array may be said to be there with !; check anything else.",
      }],
      // () => f() is how handlers are written; nobody reads what f gives.
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      // Numbers in texts are for people.
      "@typescript-eslint/restrict-template-expressions": ["error", { ...NO_TEXTS, allowNumber: true }],
      // An empty text counts as none: `text || other` means both.
      "@typescript-eslint/prefer-nullish-coalescing": ["error", { ignorePrimitives: { string: true } }],
      // { dropped, ...rest } is how a field is left out.
      "@typescript-eslint/no-unused-vars": ["error", { ignoreRestSiblings: true }],
      // node's test runner waits for its tests by itself.
      "@typescript-eslint/no-floating-promises": ["error", {
        allowForKnownSafeCalls: [{ from: "package", package: "node:test", name: ["test", "before", "after", "afterEach"] }],
      }],
    },
  },
  {
    files: ["**/*.test.ts", "client/testing/**", "e2e/**"],
    // Where a test is wrong about what is there, it fails.
    rules: { "no-restricted-syntax": "off" },
  },
  {
    files: ["e2e/**"],
    rules: {
      // Hooks run also after those before them failed, and the page's globals come with the page: what the types say is
      // there may not be yet.
      "@typescript-eslint/no-unnecessary-condition": "off",
      // A text in a failed test may name what is missing.
      "@typescript-eslint/restrict-template-expressions": ["error", { ...NO_TEXTS, allowNumber: true, allowNullish: true }],
    },
  },
);

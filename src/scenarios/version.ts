// The release that a result names; test/scenarios/version.test.ts holds it to package.json.
export const VERSION = '0.1.0';

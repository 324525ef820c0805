/**
 * A module of Node's own, without the `import` that would read each of its exports at once: for node:crypto that loads
 * streams and WebCrypto, a tenth of the time to a first finding.
 */
export const builtin: typeof process.getBuiltinModule = (name: string) => process.getBuiltinModule(name);

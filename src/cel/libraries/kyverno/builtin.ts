/** Modules of Node's own that few policies need: each is loaded when it is called for, which start-up would show. */
export const crypto = (): typeof import('node:crypto') => process.getBuiltinModule('node:crypto');
export const zlib = (): typeof import('node:zlib') => process.getBuiltinModule('node:zlib');

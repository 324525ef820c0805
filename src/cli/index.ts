/** @module The command line: one file for every command. */
export type { Command } from './command.ts';
export { COMMANDS } from './commands.ts';
export { type Io, processIo, type Sink } from './io.ts';
export { main } from './main.ts';

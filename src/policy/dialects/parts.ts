import type { CompiledPolicy } from '../form.ts';

/** What a dialect's loader makes of one document: a policy without its place, bindings and programs. */
export type PolicyParts = Omit<CompiledPolicy, 'origin' | 'codeOrigin' | 'bindings' | 'code'>;

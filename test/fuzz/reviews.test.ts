/** A bounded number of spoilt reviews; `npm run fuzz` makes more. */
import { test } from 'node:test';
import fc from 'fast-check';
import { properties } from './properties.ts';

for (const [name, property] of properties()) test(name, () => fc.assert(property, { numRuns: 300 }));

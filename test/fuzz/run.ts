/** `npm run fuzz [-- MINUTES]`: spoilt reviews for so many minutes, one if none are named. A failure names its seed. */
import fc from 'fast-check';
import { properties } from './properties.ts';

const minutes = Number(process.argv[2] ?? 1);
if (!(minutes > 0)) throw new Error(`expected minutes, got ${process.argv[2]}`);
const all = properties();
for (const [name, property] of all) {
  const limit = (minutes * 60_000) / all.size;
  const { numRuns } = await check(property, limit);
  console.log(`${name}: ${numRuns} reviews`);
}

async function check(property: fc.IAsyncProperty<unknown[]>, limit: number) {
  const details = await fc.check(property, {
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: limit,
    markInterruptAsFailure: false,
  });
  if (details.failed) throw new Error(fc.defaultReportMessage(details), { cause: details.errorInstance });
  return details;
}

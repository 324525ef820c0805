/** Entry of a helper thread that runs the sources as they are; bin/worker.cjs is that of the bundle. */
import module from 'node:module';
import { workerData } from 'node:worker_threads';
import type { HelperData } from './helper.ts';

const { codeCache } = workerData as HelperData;
if (codeCache !== undefined) module.enableCompileCache(codeCache);
// Only now, when compiled code is known to be kept.
const { help } = await import('./helper.ts');
help();

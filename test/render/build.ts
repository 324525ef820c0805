/** `npm run build:render`: builds helm, kustomize and kubectl apart from the tests, so that their minutes are not theirs. */
import { buildPrograms } from './binaries.ts';

await buildPrograms();

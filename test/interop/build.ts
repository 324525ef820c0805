/** `npm run build:interop`: builds the Go oracles apart from the tests, so that their minutes are not theirs. */
import { kubernetes, kyverno } from './interop.ts';

await kubernetes.built();
await kyverno.built();

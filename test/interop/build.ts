/** `npm run build:interop`: builds the Go oracle apart from the tests, so that its minutes are not theirs. */
import { builtBinary } from './interop.ts';

await builtBinary();

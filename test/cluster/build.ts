/** `npm run build:cluster`: builds kube-apiserver and etcd apart from the tests, so that their minutes are not theirs. */
import { buildBinaries } from './binaries.ts';

await buildBinaries();

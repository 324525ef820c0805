/** `npm run build:cluster`: builds kube-apiserver, etcd and kube-controller-manager apart from the tests, so that their minutes are not theirs. */
import { buildBinaries } from './binaries.ts';

await buildBinaries();

/** The reviews that are asked: one pod, as a deployment controller's API server would send it, by some users. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const USERS = 8;

/** Files of bodies, about 4.1 KB each. */
export function writeReviews(folder: string): string[] {
  return Array.from({ length: USERS }, (_, user) => {
    const path = join(folder, `review-${user}.json`);
    writeFileSync(path, reviewText(user));
    return path;
  });
}

function reviewText(user = 0): string {
  const pod = JSON.parse(
    readFileSync(join(import.meta.dirname, '..', 'suites', 'cel', 'pod.json'), 'utf8'),
  ) as { metadata: { name: string; namespace: string } };
  return JSON.stringify({
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid: `8f5d0f6e-58a2-4a8a-9b36-0b0b7c55a1d${user}`,
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      requestKind: { group: '', version: 'v1', kind: 'Pod' },
      requestResource: { group: '', version: 'v1', resource: 'pods' },
      name: pod.metadata.name,
      namespace: pod.metadata.namespace,
      operation: 'CREATE',
      userInfo: {
        username: `system:serviceaccount:kube-system:controller-${user}`,
        uid: '0b1c7d5e-3f7c-4c0e-8f27-5a0d3e8f6b21',
        groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
      },
      object: pod,
      oldObject: null,
      dryRun: false,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
    },
  });
}

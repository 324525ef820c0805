/** A review as the API server would send it, for who has no cluster at hand. */
import { type DataFolder, writeDurably } from '../data-folder.ts';

const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'try', namespace: 'default' },
  spec: {
    containers: [
      {
        name: 'try',
        image: 'registry.example/try:1',
        securityContext: { privileged: true, allowPrivilegeEscalation: true },
      },
    ],
  },
};

const REVIEW = {
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: {
    uid: '2f6f4c1e-7a0b-4a35-9a43-b5a54b1f0c11',
    kind: { group: '', version: 'v1', kind: 'Pod' },
    resource: { group: '', version: 'v1', resource: 'pods' },
    name: POD.metadata.name,
    namespace: POD.metadata.namespace,
    operation: 'CREATE',
    userInfo: { username: 'you' },
    object: POD,
    dryRun: true,
  },
};

/** @returns Where it is. */
export async function writeReview({ review }: DataFolder): Promise<string> {
  await writeDurably(review, `${JSON.stringify(REVIEW, null, 2)}\n`);
  return review;
}

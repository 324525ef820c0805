/** An AdmissionReview as the API server sends it: alice makes the Pod `web` in `shop`, unless told otherwise. */

export interface ReviewRequest {
  readonly [field: string]: unknown;
}

const POD: ReviewRequest = {
  uid: 'u-1',
  kind: { group: '', version: 'v1', kind: 'Pod' },
  resource: { group: '', version: 'v1', resource: 'pods' },
  name: 'web',
  namespace: 'shop',
  operation: 'CREATE',
  userInfo: { username: 'alice' },
};

/** Fields of a request about a ConfigMap. */
export const CONFIG_MAP: ReviewRequest = {
  kind: { group: '', version: 'v1', kind: 'ConfigMap' },
  resource: { group: '', version: 'v1', resource: 'configmaps' },
};

export function admissionReview(of: ReviewRequest = {}): { readonly request: ReviewRequest } & ReviewRequest {
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request: { ...POD, ...of } };
}

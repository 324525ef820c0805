import type { JsonMap } from '../../../model/index.ts';
import { compileSelector, selects } from '../../../policy/match/labels.ts';
import type { Check, Diagnosis, Webhook } from '../facts.ts';

/** Namespaces whose objects no webhook is asked about. */
export const checkNamespaces: Check = ({ cluster }) => {
  const { webhooks, namespaces } = cluster ?? {};
  if (webhooks === undefined || webhooks.length === 0) return [];
  if (namespaces === undefined)
    return [{ state: 'unknown', what: 'namespaces', detail: 'namespaces may not be listed by whoever asks' }];
  const validating = webhooks.filter(({ mutating }) => !mutating);
  const excluded = namespaces
    .filter((namespace) => !validating.some((webhook) => isAsked(webhook, namespace)))
    .map(nameOf);
  if (excluded.length === 0)
    return [
      { state: 'ok', what: 'namespaces', detail: `all ${namespaces.length} namespaces are asked about` },
    ];
  return excluded.sort().map(
    (name): Diagnosis => ({
      state: 'gap',
      what: 'namespaces',
      detail: `requests in ${name} are not asked about: the namespaceSelector leaves it out`,
      ...(name === 'kube-system'
        ? {
            help: 'meant, so that nothing of ours can keep the cluster from healing; the background scan looks at it',
          }
        : { help: 'change the namespaceSelector, if it is not meant' }),
    }),
  );
};

function isAsked({ namespaceSelector }: Webhook, namespace: JsonMap): boolean {
  const metadata = namespace['metadata'] as JsonMap;
  const labels = {
    ...(metadata['labels'] as JsonMap | undefined),
    'kubernetes.io/metadata.name': nameOf(namespace),
  };
  return selects(compileSelector(namespaceSelector), labels);
}

function nameOf(namespace: JsonMap): string {
  return String((namespace['metadata'] as JsonMap)['name']);
}

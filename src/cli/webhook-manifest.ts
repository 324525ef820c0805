import { UsageError } from '../app/usage.ts';
import type { WebhookClient } from '../app/webhook/configuration.ts';
import { plainJson } from '../report/text.ts';
import { WEBHOOK_FLAGS } from './admission.ts';
import { type Arguments, command, type Flags } from './command.ts';
import type { Io } from './io.ts';

const flags = {
  data: WEBHOOK_FLAGS.data,
  url: {
    type: 'string',
    hint: 'URL',
    description: 'Where the API server finds the webhook: https://HOST:PORT.',
  },
  service: {
    type: 'string',
    hint: 'NAMESPACE/NAME[:PORT]',
    description: 'The Service before the workers, in place of --url; PORT is 443 unless given.',
  },
  name: {
    type: 'string',
    hint: 'NAME',
    description: 'What the configurations are called.',
    default: 'rampart',
  },
  'failure-policy': {
    type: 'string',
    hint: 'POLICY',
    options: ['Ignore', 'Fail'],
    description: 'What becomes of requests while nobody answers: Ignore lets them pass, Fail refuses them.',
    default: 'Ignore',
  },
  timeout: {
    type: 'string',
    hint: 'SECONDS',
    description: 'How long the API server waits for an answer: 1 to 30.',
    default: '10',
  },
  'own-namespace': {
    type: 'string',
    hint: 'NAME',
    description: 'The namespace that Rampart runs in: nobody is asked about it.',
    default: 'rampart',
  },
  'include-kube-system': {
    type: 'boolean',
    description: 'Ask about kube-system, too.',
  },
  json: { type: 'boolean', description: 'A list in JSON instead of YAML.' },
} as const satisfies Flags;

export const webhookManifestCommand = command({
  name: 'webhook manifest',
  summary: 'prints what makes the API server ask',
  description: [
    'A ValidatingWebhookConfiguration, and a MutatingWebhookConfiguration where policies mutate, for the snapshot in force in ' +
      'the folder of --data: they ask for what its policies look at and nothing else. Print and apply them again when the ' +
      'policies look at other kinds; rampart doctor tells.',
    'What is only observed in the cluster, such as policies that Kyverno enforces there, makes nobody ask.',
    'Leases, heartbeats of nodes, events, reviews of tokens and rights, and admission policies are never asked about, and ' +
      'neither is the namespace of Rampart.',
    'Exit codes: 0; 2 a mistake, or there is no snapshot in force.',
  ],
  flags,
  examples: [
    {
      line: 'rampart webhook manifest --url https://127.0.0.1:8443 | kubectl apply -f -',
      says: 'an API server on the same machine',
    },
    { line: 'rampart webhook manifest --service rampart/rampart', says: 'workers in the cluster' },
  ],
  run,
});

async function run({ flags: given }: Arguments<typeof flags>, io: Io): Promise<number> {
  const client = clientOf(given.url, given.service);
  const timeoutSeconds = secondsOf(given.timeout);
  const { webhookManifest } = await import('../app/webhook/manifest.ts');
  const documents = webhookManifest(given.data, io.cwd, Date.now(), {
    name: given.name,
    client,
    failurePolicy: given['failure-policy'],
    timeoutSeconds,
    excludedNamespaces: [given['own-namespace'], ...(given['include-kube-system'] ? [] : ['kube-system'])],
  });
  if (given['failure-policy'] === 'Fail') io.err.write(FAIL_MEANS);
  if (given.json) io.out.write(`${plainJson({ apiVersion: 'v1', kind: 'List', items: documents }, 2)}\n`);
  else {
    const { yamlDocuments } = await import('../report/yaml.ts');
    io.out.write(yamlDocuments(documents));
  }
  return 0;
}

const FAIL_MEANS =
  'failurePolicy Fail: while no worker answers, every request that the rules name is refused, by whomever. Run two workers or ' +
  'more on different nodes; kubectl delete validatingwebhookconfiguration,mutatingwebhookconfiguration lets requests pass again.\n';

const FORM = 'https://HOST:PORT, or --service NAMESPACE/NAME[:PORT]';

function clientOf(url: string | undefined, service: string | undefined): WebhookClient {
  if (url !== undefined && service !== undefined)
    throw new UsageError('webhook manifest takes --url or --service, not both');
  if (url !== undefined) return { kind: 'url', url: originOf(url) };
  if (service === undefined) throw new UsageError('webhook manifest needs --url or --service', FORM);
  const [, namespace, name, port = '443'] = /^([a-z0-9-]+)\/([a-z0-9-]+)(?::(\d{1,5}))?$/.exec(service) ?? [];
  if (namespace === undefined || name === undefined || Number(port) < 1 || Number(port) > 65_535)
    throw new UsageError(`--service: ${service} is no NAMESPACE/NAME[:PORT]`, 'rampart/rampart:443');
  return { kind: 'service', namespace, name, port: Number(port) };
}

/** The API server takes no other scheme, and nothing after the path that is not there yet. */
function originOf(text: string): string {
  const url = URL.parse(text);
  if (url?.protocol !== 'https:' || `${url.origin}/` !== url.href)
    throw new UsageError(
      `--url: ${text} is no https://HOST:PORT`,
      'the paths /validate and /mutate are appended',
    );
  return url.origin;
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (!/^\d{1,2}$/.test(text) || seconds < 1 || seconds > 30)
    throw new UsageError(`--timeout expects 1 to 30 seconds, got ${text}`);
  return seconds;
}

/**
 * A folder of our own for one scan: programs see copies of the files they need and nothing else, and find neither a
 * home, nor credentials, nor other programs.
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atEnd } from './ending.ts';

export interface Workspace {
  /** A new, empty folder. */
  folder(): string;
  /** All of the environment of a program. */
  readonly env: Readonly<Record<string, string>>;
  remove(): void;
}

/** What a program may need of ours when it may use the network. */
const NETWORK_VARIABLES = [
  'PATH',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
];

/** Nobody listens at the discard port; whatever asks for a proxy gets nowhere. */
const NOWHERE = 'http://127.0.0.1:9';

/** `environment`: that of Rampart, of which only what the network needs is handed on, and only if it is allowed. */
export function openWorkspace(
  allowNetwork: boolean,
  environment: Readonly<Record<string, string | undefined>>,
): Workspace {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'rampart-render-')));
  const remove = () => rmSync(root, { recursive: true, force: true, maxRetries: 2 });
  const removed = atEnd(remove);
  const place = (name: string): string => {
    mkdirSync(join(root, name), { recursive: true });
    return join(root, name);
  };
  let count = 0;
  return {
    folder: () => place(`files/${count++}`),
    env: {
      HOME: place('home'),
      TMPDIR: place('tmp'),
      HELM_CACHE_HOME: place('helm/cache'),
      HELM_CONFIG_HOME: place('helm/config'),
      HELM_DATA_HOME: place('helm/data'),
      HELM_PLUGINS: place('helm/plugins'),
      KUSTOMIZE_PLUGIN_HOME: place('kustomize'),
      KUBECONFIG: join(root, 'home', 'none'),
      LANG: 'C.UTF-8',
      GOTRACEBACK: 'none',
      ...(allowNetwork ? networkOf(environment) : withoutNetwork(place('programs'))),
    },
    remove() {
      remove();
      removed();
    },
  };
}

function networkOf(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    NETWORK_VARIABLES.flatMap((name) =>
      environment[name] === undefined ? [] : [[name, environment[name]] as const],
    ),
  );
}

/** Without programs there is no git to fetch with; without a proxy no HTTP. What asks for it is refused before. */
function withoutNetwork(emptyFolder: string): Record<string, string> {
  const proxies = ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy'];
  return {
    PATH: emptyFolder,
    GIT_ALLOW_PROTOCOL: 'none',
    ...Object.fromEntries(proxies.map((name) => [name, NOWHERE])),
  };
}

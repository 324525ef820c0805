import { existsSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import type { RenderingOptions } from '../app/options.ts';
import { UsageError } from '../app/usage.ts';
import type { Environment } from '../model/index.ts';
import type { Arguments, Flags } from './command.ts';
import type { Io } from './io.ts';

/** How charts and kustomizations among the files are rendered. */
export const RENDER_FLAGS = {
  values: {
    type: 'string',
    hint: 'NAME=FILE',
    multiple: true,
    description:
      'Render charts for an environment of this name with a values file: the chart that the file lies in, or else every ' +
      'chart. Repeat the name for more files, later ones win; use other names for other environments.',
  },
  'repo-url': {
    type: 'string',
    hint: 'URL',
    key: 'repositories',
    multiple: true,
    description:
      'A URL by which Argo CD and Flux know this repository, beside those of its remotes: what they deploy from it is ' +
      'rendered.',
  },
  'allow-network': {
    type: 'boolean',
    description: 'Let helm and kustomize download dependencies and remote bases of what is rendered.',
  },
  'render-timeout': {
    type: 'string',
    hint: 'SECONDS',
    description: 'Time for each rendering. Without this flag: 60.',
  },
  'no-render': {
    type: 'boolean',
    description:
      'Do not run helm and kustomize: charts are errors, and what kustomizations build on is scanned as it stands.',
  },
} as const satisfies Flags;

/** `configured`: environments of rampart.yaml, which flags replace. */
export function renderingOf(
  flags: Arguments<typeof RENDER_FLAGS>['flags'],
  io: Io,
  configured: readonly Environment[] = [],
): RenderingOptions {
  return {
    run: !flags['no-render'],
    allowNetwork: flags['allow-network'],
    repositories: flags['repo-url'],
    environments: flags.values.length > 0 ? environmentsOf(flags.values, io.cwd) : configured,
    seconds: flags['render-timeout'] === undefined ? undefined : secondsOf(flags['render-timeout']),
    variables: io.env,
  };
}

/** Of commands without these flags. */
export function usualRendering(io: Io): RenderingOptions {
  return {
    run: true,
    allowNetwork: false,
    repositories: [],
    environments: [],
    seconds: undefined,
    variables: io.env,
  };
}

function secondsOf(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new UsageError(`--render-timeout expects seconds from 1 to 9999, got ${text}`);
}

function environmentsOf(texts: readonly string[], cwd: string): Environment[] {
  const environments = new Map<string, Map<string, string[]>>();
  for (const text of texts) {
    const [, name, file] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
    if (name === undefined || file === undefined)
      throw new UsageError(
        `--values expects NAME=FILE, got ${text}`,
        'NAME is what findings call the environment',
      );
    if (!existsSync(resolve(cwd, file))) throw new UsageError(`--values: there is no ${file}`);
    const charts = environments.get(name) ?? new Map<string, string[]>();
    environments.set(name, charts);
    const chart = chartOf(file, cwd);
    charts.set(chart, [...(charts.get(chart) ?? []), file]);
  }
  return [...environments].map(([name, charts]) => ({
    name,
    helm: Object.fromEntries([...charts].map(([chart, values]) => [chart, { values }])),
  }));
}

/** The chart that a file lies in, as a glob; else one of all charts. */
function chartOf(file: string, cwd: string): string {
  for (let folder = dirname(resolve(cwd, file)); ; folder = dirname(folder)) {
    if (existsSync(resolve(folder, 'Chart.yaml'))) return escaped(relative(cwd, folder) || '.');
    if (folder === dirname(folder)) return '**';
  }
}

function escaped(path: string): string {
  return path.replaceAll('\\', '/').replaceAll(/[*?[\]{}()!+@|]/g, '\\$&');
}

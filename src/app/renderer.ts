import { realpathSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import type { Resource } from '../model/index.ts';
import type { PolicySet } from '../policy/index.ts';
import type { Deployment, RenderedFile, Rendering, Surroundings } from '../render/index.ts';
import { createLocator, type FileEntry, findRepository, remoteUrls, urlsOfCi } from '../sources/index.ts';
import type { Facts } from './facts.ts';
import { type Making, makingsOf } from './makings.ts';
import type { ScanOptions } from './options.ts';
import { placerOf } from './placer.ts';
import { readText } from './text.ts';
import type { OnStep } from './threads.ts';
import type { Walked } from './walk-sources.ts';

export interface Renderer {
  /** The files that are scanned as they stand. */
  readonly files: readonly FileEntry[];
  readonly render: (facts: Pick<Facts, 'deployments'>) => Promise<readonly Rendering[]>;
  /** Files that something was rendered from, as far as it is by now. */
  readonly rendered: () => readonly RenderedFile[];
  /** What it makes, and may make under other values. */
  readonly makings: () => readonly Making[];
  /** Whether it is known what became of each object, so that the files before tell nothing more. */
  readonly isExact: () => boolean;
  /** Opens one of them. */
  readonly pathOf: (file: string) => string | undefined;
}

export type RendererSettings = PolicySet['settings'];

/** Rendering is loaded only where there is something to render. */
export async function prepareRenderer(
  walked: Walked,
  options: ScanOptions,
  settings: RendererSettings,
  onStep: OnStep,
): Promise<Renderer> {
  const { charts, kustomizations } = walked;
  const kubeVersion = `v1.${settings['kubernetes.version']}`;
  const plan = charts.length + kustomizations.length === 0 ? undefined : await planOf();
  const rendered = new Map<string, RenderedFile>();
  const makings: Making[] = [];
  return {
    files: plan === undefined ? walked.files : walked.without(plan.covered),
    async render({ deployments }) {
      const deploys = options.rendering.run && deployments.some(({ ref }) => ref.kind !== 'ConfigMap');
      if (plan === undefined && !deploys) return [];
      const around = await surroundings(deployments, walked, options, kubeVersion);
      const step = (done: number, total: number) => onStep(done, total, 'rendered');
      const renderings = await (plan ?? (await planOf())).render(around, step);
      for (const { files } of renderings) for (const one of files) rendered.set(one.file, one);
      // Who compares with nothing need not know.
      if (options.gate.changed !== undefined) makings.push(...renderings.flatMap(makingsOf));
      return renderings;
    },
    rendered: () => [...rendered.values()],
    makings: () => makings,
    isExact: () => false,
    pathOf: (file) => rendered.get(file)?.path,
  };

  async function planOf() {
    const { planRendering, RUN_LIMITS } = await import('../render/index.ts');
    const { cwd, rendering, namespace } = options;
    const limits = { ...RUN_LIMITS, seconds: rendering.seconds ?? RUN_LIMITS.seconds };
    return planRendering(
      { charts, kustomizations },
      { ...rendering, cwd, shown: walked.show, namespace, kubeVersion, limits },
    );
  }
}

async function surroundings(
  deployments: readonly Resource[],
  { files, show }: Walked,
  { cwd, rendering }: ScanOptions,
  kubeVersion: string,
): Promise<Surroundings> {
  const { canonicalUrl } = await import('../render/index.ts');
  const repository = findRepository(cwd);
  const [written, root] = [repository?.root ?? cwd, realpathSync(repository?.root ?? cwd)];
  const remotes = repository === undefined ? [] : remoteUrls(repository);
  const urls = [...remotes, ...urlsOfCi(rendering.variables), ...rendering.repositories];
  const paths = new Map(files.map(({ file, path }) => [file, path]));
  const isWithin = (path: string, folder: string) => `${path}${sep}`.startsWith(folder + sep);
  return {
    root,
    urls: new Set(urls.map(canonicalUrl)),
    shown: show,
    allowNetwork: rendering.allowNetwork,
    kubeVersion,
    isScanned(folder) {
      const same = resolve(written, folder.slice(root.length).replace(/^[/\\]/, ''));
      return files.some(({ path }) => isWithin(path, folder) || isWithin(path, same));
    },
    objects: deployments.map((resource): Deployment => {
      const path = paths.get(resource.origin.file);
      return {
        resource,
        place: placesIn(resource, path),
        here: path !== undefined && (isWithin(path, written) || isWithin(path, root)),
      };
    }),
  };
}

/** A file is read again when a place in it is asked for: of most objects nobody does. */
function placesIn(resource: Resource, path: string | undefined): Deployment['place'] {
  let placer: ReturnType<typeof placerOf> | undefined;
  return (pointer) => {
    placer ??= placerOf(resource, createLocator((path && readText(path)) || ''));
    return placer.field(pointer);
  };
}

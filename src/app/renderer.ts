import type { PolicySet } from '../policy/index.ts';
import type { RenderedFile, Rendering } from '../render/index.ts';
import type { FileEntry } from '../sources/index.ts';
import type { Facts } from './facts.ts';
import type { ScanOptions } from './options.ts';
import type { OnStep } from './threads.ts';
import type { Walked } from './walk-sources.ts';

export interface Renderer {
  /** The files that are scanned as they stand. */
  readonly files: readonly FileEntry[];
  readonly render: (facts: Facts) => Promise<readonly Rendering[]>;
  /** Files that something was rendered from, as far as it is by now. */
  readonly rendered: () => readonly RenderedFile[];
  /** Opens one of them. */
  readonly pathOf: (file: string) => string | undefined;
}

/** Rendering is loaded only where there is something to render. */
export async function prepareRenderer(
  walked: Walked,
  options: ScanOptions,
  settings: PolicySet['settings'],
  onStep: OnStep,
): Promise<Renderer> {
  const { charts, kustomizations } = walked;
  if (charts.length + kustomizations.length === 0)
    return {
      files: walked.files,
      render: () => Promise.resolve([]),
      rendered: () => [],
      pathOf: () => undefined,
    };
  const { planRendering, RUN_LIMITS } = await import('../render/index.ts');
  const { cwd, rendering, namespace } = options;
  const plan = planRendering(
    { charts, kustomizations },
    {
      ...rendering,
      cwd,
      shown: walked.show,
      namespace,
      kubeVersion: `v1.${settings['kubernetes.version']}`,
      limits: { ...RUN_LIMITS, seconds: rendering.seconds ?? RUN_LIMITS.seconds },
    },
  );
  const rendered = new Map<string, RenderedFile>();
  return {
    files: walked.without(plan.covered),
    async render() {
      const renderings = await plan.render((done, total) => onStep(done, total, 'rendered'));
      for (const { files } of renderings) for (const one of files) rendered.set(one.file, one);
      return renderings;
    },
    rendered: () => [...rendered.values()],
    pathOf: (file) => rendered.get(file)?.path,
  };
}

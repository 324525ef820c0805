/** Dependencies from the network, into the copy of a chart; only when the caller allowed it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Ran, run } from '../run.ts';
import type { Chart, StagedChart } from './chart.ts';
import type { HelmContext } from './context.ts';

/** As `helm dependency build`: by Chart.lock where there is one. */
export function downloadDependencies(
  chart: Chart,
  { folder }: StagedChart,
  { helm, workspace, limits }: HelmContext,
): Promise<Ran> {
  // With a lock file Helm wants to have been told of every repository before.
  const urls = chart.dependencies.map(({ repository }) => repository).filter((url) => /^https?:/.test(url));
  const repositories = [...new Set(urls)].map((url, index) => ({ name: `repository-${index}`, url }));
  const config = workspace.env['HELM_CONFIG_HOME']!;
  mkdirSync(config, { recursive: true });
  writeFileSync(join(config, 'repositories.yaml'), JSON.stringify({ apiVersion: '', repositories }));
  return run(helm, ['dependency', 'build', folder], { cwd: folder, env: workspace.env, limits });
}

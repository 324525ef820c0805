import type { Shown } from '../names.ts';
import type { Limits } from '../run.ts';
import type { Workspace } from '../workspace.ts';

/** What Helm is run with. */
export interface HelmContext {
  readonly helm: string;
  readonly workspace: Workspace;
  readonly limits: Limits;
  readonly allowNetwork: boolean;
  readonly shown: Shown;
}
